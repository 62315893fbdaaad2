#!/bin/sh
# Runs Maven in the project's top folder on a JDK 25 or newer; the other scripts call it.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

case ${1-} in
-h | --help)
    cat <<'EOF'
Usage: scripts/maven.sh ARGUMENTS

Runs mvn with ARGUMENTS in the project's top folder, on the JDK that scripts/java-home.sh finds.
EOF
    exit 0
    ;;
esac

JAVA_HOME=$("$here/java-home.sh")
export JAVA_HOME
if ! command -v mvn >/dev/null 2>&1; then
    echo "No mvn found on the PATH: install Apache Maven 3.8 or newer." >&2
    exit 1
fi

# Maven's own libraries still use sun.misc.Unsafe; without this option the JDK warns about it on every start.
# It stands here and not in .mvn/jvm.config because an older JDK would not start with it.
MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}"
# Without a terminal nobody wants the codes that Maven ends with to reset its colours.
[ -t 1 ] && [ -t 2 ] || MAVEN_OPTS="-Djansi.noreset=true $MAVEN_OPTS"
export MAVEN_OPTS
# The build asks git for the id of the commit; without git the id is "unknown".
command -v git >/dev/null 2>&1 || set -- -Dmaven.gitcommitid.skip=true "$@"
cd "$here/.."
exec mvn --batch-mode --no-transfer-progress -Dstyle.color=never "$@"
