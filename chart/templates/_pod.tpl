{{/* The pod of a run: `root` is the release, `own` what an environment says of its own, `args` what drift is to do. */}}
{{- define "drift.pod" -}}
{{- $root := .root -}}
serviceAccountName: {{ include "drift.serviceAccount" $root | quote }}
automountServiceAccountToken: {{ eq (include "drift.token" $root) "true" }}
enableServiceLinks: false
restartPolicy: Never
# What ends the pod (a drained node, the Job's deadline) has what was read reported: in 20 seconds.
terminationGracePeriodSeconds: 30
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: drift
    image: {{ include "drift.image" $root | quote }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy | quote }}
    args:
      {{- toYaml .args | nindent 6 }}
    workingDir: /reports  # a run goes to runs/ID below it
    env:
      - name: GIT_CONFIG_GLOBAL
        value: /etc/drift/gitconfig
      - name: GIT_TERMINAL_PROMPT
        value: "0"
      {{- with concat ($root.Values.extraEnv | default list) (.own.extraEnv | default list) }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- $from := $root.Values.extraEnvFrom }}
    {{- with include "drift.secret" $root }}
    {{- $from = prepend $from (dict "secretRef" (dict "name" .)) }}
    {{- end }}
    {{- with $from }}
    envFrom:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    terminationMessagePolicy: FallbackToLogsOnError
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: ["ALL"]
    resources:
      {{- toYaml (.own.resources | default $root.Values.resources) | nindent 6 }}
    volumeMounts:
      - name: config
        mountPath: /etc/drift
        readOnly: true
      - name: git-credentials
        mountPath: /etc/drift-git
        readOnly: true
      - name: reports
        mountPath: /reports
      - name: cache
        mountPath: /cache
      - name: tmp
        mountPath: /tmp
      {{- with $root.Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: config
    configMap:
      name: {{ $root.Values.config.existingConfigMap | default (include "drift.fullname" $root) | quote }}
  - name: git-credentials
    secret:
      secretName: {{ $root.Values.git.existingSecret | quote }}
      optional: true
      defaultMode: 0440
  - name: reports
    {{- if $root.Values.persistence.enabled }}
    persistentVolumeClaim:
      claimName: {{ include "drift.claim" $root | quote }}
    {{- else }}
    emptyDir:
      sizeLimit: {{ $root.Values.reportsSize | quote }}
    {{- end }}
  - name: cache
    emptyDir:
      sizeLimit: {{ $root.Values.cacheSize | quote }}
  - name: tmp
    emptyDir:
      sizeLimit: {{ $root.Values.tmpSize | quote }}
  {{- with $root.Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
