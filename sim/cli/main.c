/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's entry; all else is vtdsim_main()'s.
 */
#include "cli.h"

int main(int argc, char **argv)
{
	return vtdsim_main(argc, argv, stdout, stderr);
}
