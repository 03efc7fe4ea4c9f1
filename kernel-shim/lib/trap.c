// SPDX-License-Identifier: Apache-2.0
/*
 * Faults of a plug-in's code: what the processor would tell a real kernel arrives here as signals, and a loop
 * without end as a timer of processor time. They end the kernel as BUG() does. Signals that come while no kernel
 * with a plug-in runs on the thread go to whoever had them before.
 */
#include "state.h"

#include <linux/kernel.h>
#include <linux/printk.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define STACK_SIZE (64UL << 10) /* bytes, of the handlers */
#define TICK_MS 20u /* of processor time */
#define GRACE_MS 1000u /* beyond the limit, for a loop that is not in the plug-in's own code */
#define WATCHDOG_SIGNAL SIGVTALRM
#define STACK_REACH (64UL << 10) /* a fault this near to the stack's pointer is an overflow */

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* What a thread needs, made when it first enters a kernel with a plug-in. */
struct thread_traps {
	timer_t timer;
	bool has_timer;
	void *stack;
};

/* Signals are the process' own, so what is known of them is, too. */
/* NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables) */
static once_flag once = ONCE_FLAG_INIT;
static tss_t thread_key;
static struct sigaction before[NSIG];
/* NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables) */

static const int fault_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

/* ---- the processor's state, by architecture ---- */

struct registers {
	unsigned long pc;
	unsigned long sp;
	unsigned long caller; /* return address, right after a call */
};

static struct registers registers_of(const void *context)
{
	const mcontext_t *machine = &((const ucontext_t *)context)->uc_mcontext;
	struct registers regs = { 0 };

#if defined(__x86_64__)
	regs.pc = (unsigned long)machine->gregs[REG_RIP];
	regs.sp = (unsigned long)machine->gregs[REG_RSP];
	/* a jump to nowhere has pushed where it came from */
	if (regs.pc < PAGE_SIZE)
		regs.caller = *(const unsigned long *)regs.sp;
#elif defined(__aarch64__)
	regs.pc = machine->pc;
	regs.sp = machine->sp;
	regs.caller = machine->regs[30];
#else
	(void)machine;
#endif
	return regs;
}

/* ---- handlers ---- */

__noreturn static void fall(struct kernel *k, int signal, const struct registers *regs)
{
	struct trap *trap = &k->trap;
	bool again = trap->signal != 0;

	/* a fault while looking at the stack: what is known by now must do */
	if (!again) {
		trap->signal = signal;
		backtrace_take(k);
		backtrace_take_caller(k, regs->caller);
	}
	longjmp(k->entry, KERNEL_TRAPPED);
}

static void pass_on(int signal, siginfo_t *info, void *context)
{
	const struct sigaction *old = &before[signal];

	if (old->sa_flags & SA_SIGINFO) {
		old->sa_sigaction(signal, info, context);
	} else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
		old->sa_handler(signal);
	} else if (signal != WATCHDOG_SIGNAL && old->sa_handler == SIG_DFL) {
		/* a faulting instruction runs again and then ends the process, a sent signal is sent again */
		sigaction(signal, old, NULL);
		if (info->si_code <= 0)
			raise(signal);
	}
}

static struct kernel *guarded_kernel(void)
{
	struct kernel *k = kernel_current();

	return k && k->trap.armed ? k : NULL;
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	struct kernel *k = guarded_kernel();
	struct registers regs;

	if (!k) {
		pass_on(signal, info, context);
		return;
	}
	regs = registers_of(context);
	if (!k->trap.signal) {
		k->trap.code = info->si_code;
		k->trap.address = (unsigned long)info->si_addr;
		k->trap.overflow = signal == SIGSEGV && k->trap.address + STACK_REACH > regs.sp &&
				   k->trap.address < regs.sp + STACK_REACH;
	}
	fall(k, signal, &regs);
}

/*
 * The shim or the host's allocator may be in the middle of something, so a kernel is best ended in its own code or
 * where it might sleep; a loop that never comes there is ended where it is.
 */
static void on_tick(int signal, siginfo_t *info, void *context)
{
	struct kernel *k = guarded_kernel();
	struct registers regs;

	if (!k) {
		pass_on(signal, info, context);
		return;
	}
	if (!k->trap.watchdog_ms || k->trap.signal)
		return;
	k->trap.spent_ms += TICK_MS;
	if (k->trap.spent_ms < k->trap.watchdog_ms)
		return;
	k->trap.expired = true;
	regs = registers_of(context);
	if (plugin_holds(k, regs.pc) || k->trap.spent_ms >= k->trap.watchdog_ms + GRACE_MS)
		fall(k, signal, &regs);
}

void trap_expire(struct kernel *k)
{
	const struct registers regs = { 0 };

	fall(k, WATCHDOG_SIGNAL, &regs);
}

/* ---- setting up ---- */

static void catch (int signal, void (*handler)(int, siginfo_t *, void *))
{
	/* handlers are left by longjmp(), which does not give a signal mask back */
	struct sigaction action = {
		.sa_sigaction = handler,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART,
	};

	sigemptyset(&action.sa_mask);
	sigaction(signal, NULL, &before[signal]);
	sigaction(signal, &action, NULL);
}

static void thread_end(void *arg)
{
	struct thread_traps *thread = arg;
	const stack_t none = { .ss_flags = SS_DISABLE };

	if (thread->has_timer)
		timer_delete(thread->timer);
	if (thread->stack)
		sigaltstack(&none, NULL);
	free(thread->stack);
	free(thread);
}

static void process_start(void)
{
	size_t i;

	tss_create(&thread_key, thread_end);
	for (i = 0; i < ARRAY_SIZE(fault_signals); i++)
		catch (fault_signals[i], on_fault);
	catch (WATCHDOG_SIGNAL, on_tick);
}

static void stack_start(struct thread_traps *thread)
{
	stack_t stack = { 0 };

	if (sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_DISABLE))
		return;
	thread->stack = malloc(STACK_SIZE);
	stack = (stack_t){ .ss_sp = thread->stack, .ss_size = STACK_SIZE };
	if (thread->stack)
		sigaltstack(&stack, NULL);
}

static void timer_start(struct thread_traps *thread)
{
	const struct itimerspec tick = {
		.it_interval.tv_nsec = TICK_MS * 1000000L,
		.it_value.tv_nsec = TICK_MS * 1000000L,
	};
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = WATCHDOG_SIGNAL,
	};

	event.sigev_notify_thread_id = gettid();
	thread->has_timer = timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &thread->timer) == 0;
	if (thread->has_timer)
		timer_settime(thread->timer, 0, &tick, NULL);
}

static void thread_start(void)
{
	struct thread_traps *thread = calloc(1, sizeof(*thread));

	if (!thread)
		return;
	stack_start(thread);
	timer_start(thread);
	tss_set(thread_key, thread);
}

void trap_arm(struct kernel *k)
{
	call_once(&once, process_start);
	if (!tss_get(thread_key))
		thread_start();
	k->trap.spent_ms = 0;
	k->trap.signal = 0;
	k->trap.expired = false;
	k->trap.armed = true;
}

/* ---- afterwards ---- */

static void describe(const struct kernel *k, char *buf, size_t size)
{
	const struct trap *trap = &k->trap;

	if (trap->signal == WATCHDOG_SIGNAL)
		snprintf(buf, size, "endless loop: %u ms of processor time in one call",
			 trap->spent_ms);
	else if (trap->overflow)
		snprintf(buf, size, "stack overflow: endless recursion");
	else if (trap->signal == SIGSEGV && trap->code == SI_KERNEL)
		snprintf(buf, size, "access to an address that is none");
	else if (trap->signal == SIGSEGV && trap->address < PAGE_SIZE)
		snprintf(buf, size, "NULL pointer dereference, address 0x%lx", trap->address);
	else if (trap->signal == SIGSEGV)
		snprintf(buf, size, "access to bad address 0x%lx", trap->address);
	else if (trap->signal == SIGFPE)
		snprintf(buf, size, "divide error");
	else
		snprintf(buf, size, "%s", strsignal(trap->signal));
}

void trap_tell(struct kernel *k, struct backtrace_text *text)
{
	char what[128];

	describe(k, what, sizeof(what));
	backtrace_tell(k, what, text);
}
