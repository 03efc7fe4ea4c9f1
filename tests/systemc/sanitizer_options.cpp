// SPDX-License-Identifier: Apache-2.0
/*
 * How the sanitizers run here: without LeakSanitizer, which at the end reads memory that it may not, the guard pages of
 * SystemC's stacks. What a simulation leaves is looked for by test_sim, whose machines are SystemC's too.
 */

extern "C" const char *__asan_default_options();

extern "C" const char *__asan_default_options()
{
	return "detect_leaks=0";
}
