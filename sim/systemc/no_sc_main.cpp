// SPDX-License-Identifier: Apache-2.0
/*
 * For programs whose main() is their own: libsystemc brings one, too, and that calls an sc_main(). A foreign platform
 * has its own sc_main() and does without this file.
 */
#include <cstdlib>
#include <systemc>

int sc_main(int, char **)
{
	return EXIT_FAILURE;
}
