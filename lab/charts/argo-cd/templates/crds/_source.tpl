{{/* The fields of one `source` of an Application. */}}
{{- define "argo-cd.crdSource" -}}
type: object
required: [repoURL]
properties:
  repoURL: {type: string}
  targetRevision: {type: string}
  path: {type: string}
  chart: {type: string}
  ref: {type: string}
  name: {type: string}
  directory:
    type: object
    properties:
      recurse: {type: boolean}
      include: {type: string}
      exclude: {type: string}
      jsonnet:
        type: object
        properties:
          libs: {type: array, items: {type: string}}
          extVars: {{- include "argo-cd.crdJsonnetVariables" . | nindent 12 }}
          tlas: {{- include "argo-cd.crdJsonnetVariables" . | nindent 12 }}
  kustomize:
    type: object
    properties:
      version: {type: string}
      namePrefix: {type: string}
      nameSuffix: {type: string}
      namespace: {type: string}
      kubeVersion: {type: string}
      apiVersions: {type: array, items: {type: string}}
      images: {type: array, items: {type: string}}
      components: {type: array, items: {type: string}}
      ignoreMissingComponents: {type: boolean}
      forceCommonLabels: {type: boolean}
      forceCommonAnnotations: {type: boolean}
      commonAnnotationsEnvsubst: {type: boolean}
      labelWithoutSelector: {type: boolean}
      labelIncludeTemplates: {type: boolean}
      commonLabels: {{- include "argo-cd.crdTextMap" . | nindent 8 }}
      commonAnnotations: {{- include "argo-cd.crdTextMap" . | nindent 8 }}
      replicas:
        type: array
        items:
          type: object
          required: [name, count]
          properties:
            name: {type: string}
            count: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
      patches:
        type: array
        items:
          type: object
          properties:
            patch: {type: string}
            path: {type: string}
            options: {type: object, additionalProperties: {type: boolean}}
            target:
              type: object
              properties:
                group: {type: string}
                version: {type: string}
                kind: {type: string}
                name: {type: string}
                namespace: {type: string}
                labelSelector: {type: string}
                annotationSelector: {type: string}
  helm:
    type: object
    properties:
      releaseName: {type: string}
      namespace: {type: string}
      version: {type: string}
      kubeVersion: {type: string}
      apiVersions: {type: array, items: {type: string}}
      valueFiles: {type: array, items: {type: string}}
      values: {type: string}
      valuesObject: {{- include "argo-cd.crdFree" . | nindent 8 }}
      ignoreMissingValueFiles: {type: boolean}
      passCredentials: {type: boolean}
      skipCrds: {type: boolean}
      skipSchemaValidation: {type: boolean}
      skipTests: {type: boolean}
      parameters:
        type: array
        items:
          type: object
          properties:
            name: {type: string}
            value: {type: string}
            forceString: {type: boolean}
      fileParameters:
        type: array
        items:
          type: object
          properties:
            name: {type: string}
            path: {type: string}
  plugin:
    type: object
    properties:
      name: {type: string}
      env: {{- include "argo-cd.crdNameValues" . | nindent 8 }}
      parameters:
        type: array
        items:
          type: object
          properties:
            name: {type: string}
            string: {type: string}
            array: {type: array, items: {type: string}}
            map: {{- include "argo-cd.crdTextMap" . | nindent 14 }}
{{- end -}}
