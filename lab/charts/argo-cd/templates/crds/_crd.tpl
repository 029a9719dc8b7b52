{{/* What all three CRDs have in common. Arguments: root, plural. */}}
{{- define "argo-cd.crdMetadata" -}}
name: {{ .plural }}.argoproj.io
{{- $keep := ternary (dict "helm.sh/resource-policy" "keep") (dict) .root.Values.crds.keep }}
{{- with merge $keep .root.Values.crds.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
labels:
  app.kubernetes.io/name: {{ .plural }}.argoproj.io
  app.kubernetes.io/part-of: argocd
  {{- with .root.Values.crds.additionalLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* A mapping from text to text. */}}
{{- define "argo-cd.crdTextMap" -}}
type: object
additionalProperties: {type: string}
{{- end -}}

{{/* A list of names with values. */}}
{{- define "argo-cd.crdNameValues" -}}
type: array
items:
  type: object
  required: [name, value]
  properties:
    name: {type: string}
    value: {type: string}
{{- end -}}

{{/* The variables of a Jsonnet program. */}}
{{- define "argo-cd.crdJsonnetVariables" -}}
type: array
items:
  type: object
  required: [name, value]
  properties:
    name: {type: string}
    value: {type: string}
    code: {type: boolean}
{{- end -}}

{{/* Whatever the controller writes. */}}
{{- define "argo-cd.crdFree" -}}
type: object
x-kubernetes-preserve-unknown-fields: true
{{- end -}}
