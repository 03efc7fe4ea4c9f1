// SPDX-License-Identifier: Apache-2.0
/*
 * Stacks of SystemC's threads. SystemC maps them itself, so that AddressSanitizer does not learn that one is gone, and
 * would take what a thread left there for what the next one at the same address has.
 */
#ifndef SIM_SYSTEMC_STACK_H
#define SIM_SYSTEMC_STACK_H

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace vtdsim
{

/** Bytes of stack of a thread that goes through a model: with its port's observers, which may format texts. */
const int model_stack = 256 << 10;

/*
 * A compiler that sees that a thread's loop never returns tells AddressSanitizer so before it calls it, while the stack
 * is not yet as new: so it is not to look.
 */
#ifdef __clang__
#define OPAQUE_TO_CALLERS [[gnu::noinline]]
#else
#define OPAQUE_TO_CALLERS [[gnu::noipa]]
#endif

/** Runs what a thread with that many bytes of stack is there for, below a stack that is as new. */
template <typename function>
OPAQUE_TO_CALLERS void on_fresh_stack(size_t bytes, const function &run)
{
#ifdef __SANITIZE_ADDRESS__
	const size_t above = 16 << 10; // what SystemC has used on the way here, and more
	const char *here = static_cast<const char *>(__builtin_frame_address(0));

	__asan_unpoison_memory_region(here - (bytes - above), bytes - above);
#else
	(void)bytes;
#endif
	run();
}

/**
 * Tells AddressSanitizer that the thread is on the stack that it began with: SystemC, when it switches back to that one,
 * does not know where it lies, and a longjmp() on it would leave marks.
 */
inline void on_first_stack()
{
#ifdef __SANITIZE_ADDRESS__
	pthread_attr_t attributes;
	void *stack = nullptr, *saved = nullptr;
	size_t size = 0;

	if (pthread_getattr_np(pthread_self(), &attributes))
		return;
	pthread_attr_getstack(&attributes, &stack, &size);
	pthread_attr_destroy(&attributes);
	__sanitizer_start_switch_fiber(&saved, stack, size);
	__sanitizer_finish_switch_fiber(saved, nullptr, nullptr);
#endif
}

} // namespace vtdsim

#endif
