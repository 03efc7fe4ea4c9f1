/* SPDX-License-Identifier: Apache-2.0 */
/* Children that do pieces of work, and their answers in order. */
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Answers that wait for an earlier one, for each child at work. */
#define AHEAD 16u
#define TICK_MS 250

/* A child at work. */
struct child {
	pid_t pid; /* 0: none */
	int fd; /* its answer comes from here */
	unsigned long long piece;
};

/* An answer that is complete or on its way. */
struct answer {
	char *text;
	size_t len, room;
	int status, signal;
	bool complete;
};

struct state {
	const struct pool *pool;
	struct child *children;
	struct answer *answers; /* by piece modulo window */
	struct pollfd *fds; /* of the children, then of signals */
	unsigned long long window;
	unsigned long long begun, answered, taken; /* pieces */
	int signals;
	sigset_t mask, old_mask;
};

static struct answer *answer_of(struct state *s, unsigned long long piece)
{
	return &s->answers[piece % s->window];
}

/* ---- children ---- */

static _Noreturn void be_child(struct state *s, unsigned long long piece, int fd)
{
	FILE *out = fdopen(fd, "w");
	int status;

	/* the parent ends its children; a terminal's ^C is for it alone */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
	if (!out)
		_exit(127);
	status = s->pool->work(s->pool->arg, piece, out);
	if (fclose(out))
		_exit(127);
	_exit(status);
}

static int begin(struct state *s, struct child *child)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return errno;
	child->pid = fork();
	if (child->pid == 0)
		be_child(s, s->begun, ends[1]);
	close(ends[1]);
	if (child->pid < 0) {
		int error = errno;

		child->pid = 0;
		close(ends[0]);
		return error;
	}
	child->fd = ends[0];
	child->piece = s->begun++;
	*answer_of(s, child->piece) = (struct answer){ 0 };
	return 0;
}

/* As many as there may be. */
static int begin_all(struct state *s)
{
	for (unsigned int i = 0; i < s->pool->jobs; i++) {
		int error;

		if (s->children[i].pid || s->begun == s->pool->count ||
		    s->begun - s->taken >= s->window)
			continue;
		error = begin(s, &s->children[i]);
		if (error)
			return error;
	}
	return 0;
}

static void reap(struct child *child, struct answer *answer)
{
	int status = 0;

	close(child->fd);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
	if (!answer)
		return;
	answer->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	answer->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	answer->complete = true;
}

static void end_all(struct state *s)
{
	for (unsigned int i = 0; s->children && i < s->pool->jobs; i++) {
		if (!s->children[i].pid)
			continue;
		kill(s->children[i].pid, SIGKILL);
		reap(&s->children[i], NULL);
	}
}

/* ---- answers ---- */

/* Takes what a child has written; an errno, or 0. */
static int hear(struct state *s, struct child *child)
{
	struct answer *answer = answer_of(s, child->piece);
	ssize_t got;

	if (answer->room - answer->len < 4096) {
		size_t room = answer->room ? 2 * answer->room : 8192;
		char *text = realloc(answer->text, room);

		if (!text)
			return ENOMEM;
		answer->text = text;
		answer->room = room;
	}
	got = read(child->fd, answer->text + answer->len, answer->room - answer->len);
	if (got < 0)
		return errno == EINTR ? 0 : errno;
	answer->len += (size_t)got;
	if (!got) {
		reap(child, answer);
		s->answered++;
	}
	return 0;
}

/* Hands over what is next in order; false: enough. */
static bool hand_over(struct state *s)
{
	while (s->taken < s->begun && answer_of(s, s->taken)->complete) {
		struct answer *answer = answer_of(s, s->taken);
		struct pool_answer given = { answer->status, answer->signal, answer->text,
					     answer->len };
		bool more = s->pool->done(s->pool->arg, s->taken, &given);

		free(answer->text);
		*answer = (struct answer){ 0 };
		s->taken++;
		if (!more)
			return false;
	}
	return true;
}

/* ---- the whole ---- */

/* Waits for something to happen and takes it; POOL_DONE: go on. */
static enum pool_end wait_and_take(struct state *s, int *number)
{
	unsigned int jobs = s->pool->jobs;
	struct signalfd_siginfo info;

	for (unsigned int i = 0; i < jobs; i++)
		s->fds[i] = (struct pollfd){ .fd = s->children[i].pid ? s->children[i].fd : -1,
					     .events = POLLIN };
	s->fds[jobs] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	if (poll(s->fds, jobs + 1, TICK_MS) < 0 && errno != EINTR) {
		*number = errno;
		return POOL_FAILED;
	}
	if (s->fds[jobs].revents && read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		*number = (int)info.ssi_signo;
		return POOL_INTERRUPTED;
	}
	for (unsigned int i = 0; i < jobs; i++) {
		if (s->fds[i].revents)
			*number = hear(s, &s->children[i]);
		if (s->fds[i].revents && *number)
			return POOL_FAILED;
	}
	return POOL_DONE;
}

static enum pool_end go_through(struct state *s, int *number)
{
	while (s->taken < s->pool->count) {
		enum pool_end end;

		*number = begin_all(s);
		if (*number)
			return POOL_FAILED;
		end = wait_and_take(s, number);
		if (end != POOL_DONE)
			return end;
		if (!hand_over(s))
			return POOL_ENOUGH;
		if (s->pool->tick)
			s->pool->tick(s->pool->arg, s->answered);
	}
	return POOL_DONE;
}

static bool set_up(struct state *s)
{
	s->window = (unsigned long long)s->pool->jobs * AHEAD;
	s->children = calloc(s->pool->jobs, sizeof(*s->children));
	s->fds = calloc(s->pool->jobs + 1, sizeof(*s->fds));
	s->answers = calloc(s->window, sizeof(*s->answers));
	sigemptyset(&s->mask);
	sigaddset(&s->mask, SIGINT);
	sigaddset(&s->mask, SIGTERM);
	sigaddset(&s->mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &s->mask, &s->old_mask);
	s->signals = signalfd(-1, &s->mask, SFD_CLOEXEC);
	return s->children && s->fds && s->answers && s->signals >= 0;
}

enum pool_end pool_run(const struct pool *pool, int *number)
{
	struct state s = { .pool = pool, .signals = -1 };
	enum pool_end end = POOL_FAILED;

	*number = 0;
	if (set_up(&s))
		end = go_through(&s, number);
	else
		*number = errno ? errno : ENOMEM;
	end_all(&s);
	if (s.signals >= 0)
		close(s.signals);
	sigprocmask(SIG_SETMASK, &s.old_mask, NULL);
	for (unsigned long long i = 0; s.answers && i < s.window; i++)
		free(s.answers[i].text);
	free(s.answers);
	free(s.children);
	free(s.fds);
	return end;
}

unsigned int pool_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}
