#!/bin/sh
# Compiles a type1 file into a plug-in, the way `vtdsim kernel add` does it, for tests and for debugging the shim:
#
#	build.sh OUTPUT.so VTDSIM_VERSION KERNEL_VERSION SOURCE.c [TREE]
#
# KERNEL_VERSION is like 6.1.0. VFIO's own headers are those of TREE, if there is one; all others are the shim's.
# The compiler is $CC or cc; compile.flags and link.flags have what sim/tree/ and this script agree on. There -Bsymbolic
# makes a function of the tree's its own, even where the shim has one of that name. Exit status: the compiler's.

set -eu

output=$1 vtdsim=$2 version=$3 source=$4 tree=${5-}
shim=$(cd "$(dirname "$0")/.." && pwd)
source=$(cd "$(dirname "$source")" && pwd)/$(basename "$source")

version_code()
{
	IFS=.
	# shellcheck disable=SC2086 # one word a number
	set -- $1
	echo $((($1 << 16) + ($2 << 8) + ${3-0}))
}

headers=$(mktemp -d)
trap 'rm -r "$headers"' EXIT
mkdir -p "$headers/linux" "$headers/uapi/linux"
for header in linux/vfio.h linux/iova_bitmap.h uapi/linux/vfio.h; do
	[ ! -e "$tree/include/$header" ] || cp "$tree/include/$header" "$headers/$header"
done

# shellcheck disable=SC2086 # a compiler may come with options
${CC:-cc} @"$shim/plugin/compile.flags" @"$shim/plugin/link.flags" -w \
	-DVTDSIM_VERSION="\"$vtdsim\"" -DLINUX_VERSION_CODE="$(version_code "$version")" \
	-I"$headers" -I"$shim/include" -I"$shim" -I"$shim/../models" -I"$(dirname "$source")" \
	-o "$output" "$source" "$shim/plugin/glue.c"
