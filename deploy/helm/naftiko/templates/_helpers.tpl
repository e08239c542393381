{{- define "naftiko.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "naftiko.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "naftiko.labels" -}}
{{ include "naftiko.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "naftiko.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "naftiko.name" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "naftiko.configMap" -}}
{{- default (printf "%s-capabilities" (include "naftiko.name" .)) .Values.existingConfigMap -}}
{{- end -}}

{{- define "naftiko.stateSecret" -}}
{{- default (printf "%s-state" (include "naftiko.name" .)) .Values.stateKey.existingSecret -}}
{{- end -}}
