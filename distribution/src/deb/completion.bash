# Completion of monitoring-hub in bash. The commands are those of the version that is installed: it is asked once in a shell.
# Without the line that would also complete 'hub', which is another program on Debian.
source <(/usr/lib/monitoring-hub/bin/hub completion bash | grep -v '^complete ')

_monitoring_hub() {
  HUB_DATA=/var/lib/monitoring-hub HUB_PLUGINS=/usr/lib/monitoring-hub/plugins _hub "$@"
}
complete -o bashdefault -F _monitoring_hub monitoring-hub
