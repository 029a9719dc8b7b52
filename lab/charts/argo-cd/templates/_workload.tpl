{{/*
The pod of a workload.
Arguments: root, name, component, values (the workload's own), command (list), port (or 0).
*/}}
{{- define "argo-cd.podTemplate" -}}
metadata:
  labels:
    {{- include "argo-cd.labels" . | nindent 4 }}
    {{- with .root.Values.global.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # The parameters are read at start only, so a change must start new pods.
    checksum/cmd-params: {{ toYaml .root.Values.configs.params | sha256sum }}
    {{- with merge (deepCopy .values.podAnnotations) .root.Values.global.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  automountServiceAccountToken: false
  {{- with .root.Values.global.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.global.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  dnsPolicy: {{ .values.dnsPolicy }}
  containers:
    - name: {{ .values.name }}
      {{- $repository := .values.image.repository | default .root.Values.global.image.repository }}
      {{- $tag := .values.image.tag | default .root.Values.global.image.tag | default .root.Chart.AppVersion }}
      image: "{{ $repository }}:{{ $tag }}"
      imagePullPolicy: {{ .values.image.imagePullPolicy | default .root.Values.global.image.imagePullPolicy }}
      command:
        {{- toYaml .command | nindent 8 }}
      {{- if .port }}
      ports:
        - name: main
          containerPort: {{ .port }}
          protocol: TCP
      {{- end }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
{{- end -}}

{{/* A Deployment. Arguments as above, and replicas. */}}
{{- define "argo-cd.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "argo-cd.fullname" .root }}-{{ .values.name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "argo-cd.labels" . | nindent 4 }}
spec:
  replicas: {{ .replicas }}
  revisionHistoryLimit: {{ .root.Values.global.revisionHistoryLimit }}
  selector:
    matchLabels:
      {{- include "argo-cd.selectorLabels" . | nindent 6 }}
  template:
    {{- include "argo-cd.podTemplate" . | nindent 4 }}
{{- end -}}

{{/* A Service. Arguments: root, name, component, values, type, ports (list). */}}
{{- define "argo-cd.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "argo-cd.fullname" .root }}-{{ .values.name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "argo-cd.labels" . | nindent 4 }}
spec:
  type: {{ .type }}
  ports:
    {{- toYaml .ports | nindent 4 }}
  selector:
    {{- include "argo-cd.selectorLabels" . | nindent 4 }}
{{- end -}}
