# Sourced by every script: makes sure that what the project needs is on this machine, then enters its virtual environment.
#
#   prepare             system packages, virtual environment
#   prepare screen      the same, a virtual X screen and an MQTT broker, for tests and screenshots
#
# A second call costs a fraction of a second: packages are asked for only when missing, and the
# environment is filled only when the lock file has changed.

# Python keeps what it has compiled, also where that is switched off: else each process of the console compiles all of
# its modules at every start, which takes two seconds. A folder that cannot be written to is left as it is.
unset PYTHONDONTWRITEBYTECODE

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1
venv="$root/.venv"

packages_qt="libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon0 libx11-6 libbrotli1 libnss3
  libxcomposite1 libxdamage1 libxrandr2 libxtst6 libxkbfile1 libgbm1 libxcb-dri3-0 libpulse0
  libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-util1
  libxcb-xkb1 libxkbcommon-x11-0 libx11-xcb1 libxcb-randr0 libxcb-xfixes0 libxcb-sync1 libxcb-shm0 libxcb-glx0"
packages_data="fonts-noto-cjk"
packages_screen="xvfb xauth xdotool"
packages_tests="mosquitto"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Before anything is installed: the program itself asks more closely.
require_screen() {
  case " $* " in *" --screenshots"*|*" -h "*|*" --h"*) return ;; esac
  [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ] ||
    fail "没有可用的屏幕：请在桌面环境运行，或用 --screenshots 目录 生成截图。 There is no screen: run it on a desktop, or with --screenshots DIR for pictures."
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "Some system packages are missing and there is no sudo: run as root once: apt-get install $*"
  fi
}

# Ubuntu 24.04 renamed libraries in the 64-bit time transition; the first name that apt knows is taken.
first_known() {
  for name in "$@"; do
    if apt-cache show "$name" >/dev/null 2>&1; then printf '%s\n' "$name"; return; fi
  done
  printf '%s\n' "$1"
}

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }
any_installed() { for name in "$@"; do installed "$name" && return 0; done; return 1; }

postgis_present() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null; }

python_present() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

prepare_system() {
  command -v apt-get >/dev/null || return 0  # other platforms: README names what to install
  local wanted="$packages_qt $packages_data" missing="" name
  [ "${1:-}" = screen ] && wanted="$wanted $packages_screen $packages_tests"
  for name in $wanted; do installed "$name" || missing="$missing $name"; done
  local renamed=()
  any_installed libglib2.0-0 libglib2.0-0t64 || renamed+=("libglib2.0-0t64 libglib2.0-0")
  any_installed libasound2 libasound2t64 || renamed+=("libasound2t64 libasound2")
  any_installed libcups2 libcups2t64 || renamed+=("libcups2t64 libcups2")
  local needs_python="" needs_postgis=""
  python_present || needs_python=yes
  postgis_present || needs_postgis=yes
  [ -n "$missing$needs_python$needs_postgis${renamed[*]}" ] || return 0

  echo "Installing system packages ..."
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq || echo "apt-get update failed; going on with the package lists at hand" >&2
  for name in "${renamed[@]}"; do missing="$missing $(first_known $name)"; done
  [ -z "$needs_python" ] || missing="$missing python3 python3-venv"
  # Before the server package: it would create and start a cluster of its own, which nobody asked for.
  if [ -n "$needs_postgis" ]; then
    as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
      echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    missing="$missing $(apt-cache depends postgresql-postgis 2>/dev/null |
      sed -n 's/.*Depends: \(postgresql-[0-9]*-postgis-[0-9]*\)$/\1/p' | head -n 1)"
    case "$missing" in *postgis*) ;; *) missing="$missing $(apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' |
      cut -d' ' -f1 | sort -t- -k2 -n | tail -n 1)" ;; esac
  fi
  # shellcheck disable=SC2086
  as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    fail "System packages could not be installed: apt-get install$missing"
}

prepare_python() {
  python_present || fail "Python 3.11 or newer with venv is needed."
  local stamp="$venv/.lock" lock
  lock=$(cksum <"$root/requirements.lock")$(python3 -V)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ]; then
    echo "Installing Python packages ..."
    python3 -m venv --clear "$venv" || fail "The virtual environment could not be created in $venv."
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$root/requirements.lock" ||
      fail "Python packages could not be installed."
    printf '%s' "$lock" >"$stamp"
  fi
  export PATH="$venv/bin:$PATH" VIRTUAL_ENV="$venv" PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
}

prepare() {
  prepare_system "$@"
  prepare_python
}
