#!/bin/sh
# Prints the folder of a JDK 25 or newer; the other scripts call it.
set -eu

needed=25

case ${1-} in
-h | --help)
    cat <<EOF
Usage: scripts/java-home.sh

Prints the folder of a JDK $needed or newer. Looks at JAVA_HOME, the java on the PATH and the usual
folders, in this order; where there is none, says what to install and exits with 1.
EOF
    exit 0
    ;;
esac

# Succeeds when the folder $1 holds a JDK (with a compiler) that is new enough.
is_new_enough() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null) || version=
    if [ -z "$version" ]; then
        version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || version=
    fi
    [ -n "$version" ] && [ "$version" -ge "$needed" ]
}

path_home=
if command -v java >/dev/null 2>&1; then
    path_home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p') || path_home=
fi

for home in \
    "${JAVA_HOME-}" \
    "$path_home" \
    /usr/lib/jvm/* \
    /opt/* \
    "${HOME-}"/.sdkman/candidates/java/* \
    "${HOME-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [ -n "$home" ] && is_new_enough "$home"; then
        printf '%s\n' "$home"
        exit 0
    fi
done

echo "No JDK $needed or newer found: install one (for example Temurin $needed) and set JAVA_HOME to its folder." >&2
exit 1
