{{/* The name of everything that this release makes: `drift`, where the release is called so. */}}
{{- define "drift.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains "drift" .Release.Name -}}
{{- regexReplaceAll "[-.]+$" (.Release.Name | trunc 40) "" -}}
{{- else -}}
{{- regexReplaceAll "[-.]+$" (printf "%s-drift" .Release.Name | trunc 40) "" -}}
{{- end -}}
{{- end -}}

{{- define "drift.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "drift.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "drift.selector" -}}
app.kubernetes.io/name: drift
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "drift.labels" -}}
{{ include "drift.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "drift.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "drift.claim" -}}
{{- .Values.persistence.existingClaim | default (printf "%s-reports" (include "drift.fullname" .)) -}}
{{- end -}}

{{/* The Secret whose keys are variables; empty where there is none. */}}
{{- define "drift.secret" -}}
{{- if .Values.secret.existing -}}
{{- .Values.secret.existing -}}
{{- else if or .Values.secret.external.enabled .Values.secret.values -}}
{{- printf "%s-env" (include "drift.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/* What drift.yaml says, as JSON; of a ConfigMap that is there nothing is known. */}}
{{- define "drift.said" -}}
{{- if .Values.config.existingConfigMap -}}
{{- dict | toJson -}}
{{- else if kindIs "string" .Values.config.drift -}}
{{- $said := fromYaml .Values.config.drift -}}
{{- if hasKey $said "Error" -}}
{{- fail (printf "config.drift: is no YAML: %s" $said.Error) -}}
{{- end -}}
{{- $said | toJson -}}
{{- else -}}
{{- .Values.config.drift | default dict | toJson -}}
{{- end -}}
{{- end -}}

{{/* Whether this cluster is read, in any environment: `true` or nothing. */}}
{{- define "drift.reads" -}}
{{- $said := include "drift.said" . | fromJson -}}
{{- $found := hasKey ($said.live | default dict) "kubernetes" -}}
{{- range $name, $one := $said.environments | default dict -}}
{{- $found = or $found (hasKey (($one | default dict).live | default dict) "kubernetes") -}}
{{- end -}}
{{- if $found -}}true{{- end -}}
{{- end -}}

{{/* The name of the CronJob of an environment (`root`, `name`), which may be written in any letters. */}}
{{- define "drift.job" -}}
{{- $slug := regexReplaceAll "[^a-z0-9-]+" (.name | lower) "-" | trimAll "-" -}}
{{- printf "%s%s" (include "drift.fullname" .root) (ternary (printf "-%s" $slug) "" (ne .name "")) | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* Whether there are roles: `true` or nothing. */}}
{{- define "drift.roles" -}}
{{- if eq (toString .Values.rbac.create) "auto" -}}
{{- include "drift.reads" . -}}
{{- else if .Values.rbac.create -}}true{{- end -}}
{{- end -}}

{{/* Whether the pod gets a token of this cluster's: `true` or nothing. */}}
{{- define "drift.token" -}}
{{- if or .Values.serviceAccount.automountToken (include "drift.roles" .) (include "drift.reads" .) -}}true{{- end -}}
{{- end -}}

{{/* A length of time as drift.yaml has it, in seconds: 1h30m is 5400. */}}
{{- define "drift.seconds" -}}
{{- $total := 0 -}}
{{- $each := dict "s" 1 "m" 60 "h" 3600 "d" 86400 "w" 604800 -}}
{{- range regexFindAll "[0-9]+[smhdw]" . -1 -}}
{{- $total = add $total (mul (trimAll "smhdw" . | int64) (get $each (regexFind "[smhdw]" .))) -}}
{{- end -}}
{{- $total -}}
{{- end -}}

{{/* How long a run may take: what an environment (`own`) says, else the values, else drift.yaml. */}}
{{- define "drift.deadline" -}}
{{- $said := .own.deadline | default .root.Values.deadline | default (include "drift.said" .root | fromJson).deadline | default "50m" | toString | nospace -}}
{{- if not (regexMatch "^([0-9]+[smhdw])+$" $said) -}}
{{- fail (printf "config.drift.deadline: %s can't be read here: set `deadline` beside it, as 50m or 1h30m" $said) -}}
{{- end -}}
{{- $said -}}
{{- end -}}

{{/* What can't be right, told before anything is made. */}}
{{- define "drift.check" -}}
{{- if not .Values.config.existingConfigMap -}}
{{- $all := include "drift.said" . | fromJson -}}
{{- $live := $all.live -}}
{{- range $name, $one := $all.environments | default dict -}}
{{- $live = $live | default ($one | default dict).live -}}
{{- end -}}
{{- range $name, $one := .Values.environments -}}
{{- if not (hasKey ($all.environments | default dict) $name) -}}
{{- fail (printf "environments.%s: config.drift.environments has no %s" $name $name) -}}
{{- end -}}
{{- end -}}
{{- if not $live -}}
{{- fail "config.drift.live is empty: say in config.drift what is declared and what is read, as drift.yaml does" -}}
{{- end -}}
{{- if not .Values.persistence.enabled -}}
{{- $said := $all.history -}}
{{- $place := $said -}}
{{- if kindIs "map" $said -}}
{{- $place = $said.database -}}
{{- end -}}
{{- /* A reference (vault://…) or a variable may say where it is: nothing of it is known here. */ -}}
{{- $elsewhere := and (regexMatch "^([a-z][a-z0-9+]*://|[$])" (toString $place)) (not (hasPrefix "sqlite" (toString $place))) -}}
{{- if not (or $elsewhere (and (kindIs "bool" $said) (not $said))) -}}
{{- fail "persistence.enabled is false, so that each run would forget the one before: set config.drift.history to a postgresql:// address, or to false" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if gt (len (compact (list .Values.secret.existing (ternary "external" "" .Values.secret.external.enabled) (ternary "" "values" (empty .Values.secret.values))))) 1 -}}
{{- fail "secret: say one of existing, external and values" -}}
{{- end -}}
{{- if and .Values.secret.external.enabled (not .Values.secret.external.store.name) -}}
{{- fail "secret.external.store.name: name the SecretStore that the values come from" -}}
{{- end -}}
{{- $jobs := dict -}}
{{- range $name := prepend (keys (.Values.environments | default dict)) "" -}}
{{- $job := include "drift.job" (dict "root" $ "name" $name) -}}
{{- if hasKey $jobs $job -}}
{{- fail (printf "environments.%s: its CronJob would be called %s, as that of %s is: give it another name, or the release a shorter one (fullnameOverride)" $name $job (get $jobs $job | default "drift")) -}}
{{- end -}}
{{- $_ := set $jobs $job $name -}}
{{- end -}}
{{- if and (not .Values.defaultEnvironment) (not .Values.environments) -}}
{{- fail "defaultEnvironment is false and environments is empty: nothing would run" -}}
{{- end -}}
{{- end -}}
