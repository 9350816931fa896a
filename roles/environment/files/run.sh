# Runs a command that installs: readable to all users, and with the certificates that provision brought.
# Arguments: Tripod's directory, the command.
umask 022
if [ -e "$1/ca.pem" ]; then
    export SSL_CERT_FILE="$1/ca.pem" PIP_CERT="$1/ca.pem"
fi
export UV_CACHE_DIR="$1/cache" UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true PIP_DISABLE_PIP_VERSION_CHECK=1
shift
exec "$@"
