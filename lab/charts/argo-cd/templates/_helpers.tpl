{{/* The prefix of every name: the release's name if it contains "argocd", as in the real chart. */}}
{{- define "argo-cd.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains .Values.nameOverride .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What finds the pods. Arguments: root, name. */}}
{{- define "argo-cd.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Values.nameOverride }}-{{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* All labels. Arguments: root, name, component. */}}
{{- define "argo-cd.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "argo-cd.selectorLabels" . }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: argocd
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
{{- with .root.Values.global.additionalLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* One entry of a ConfigMap per value, as text. */}}
{{- define "argo-cd.textData" -}}
{{- range $key, $value := . }}
{{ $key }}: {{ toString $value | toYaml }}
{{- end }}
{{- end -}}
