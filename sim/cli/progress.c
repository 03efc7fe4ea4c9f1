/* SPDX-License-Identifier: Apache-2.0 */
/* A bar on a terminal with an estimate of the time that is left. */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAWS_A_SECOND 10

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + 1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

void progress_begin(struct progress *progress, FILE *out, const struct style *style,
		    unsigned long long total, unsigned long long before)
{
	const char *term = getenv("TERM");
	int fd = fileno(out);

	*progress = (struct progress){ .style = style, .total = total, .before = before };
	if (fd >= 0 && isatty(fd) && !(term && strcmp(term, "dumb") == 0))
		progress->out = out;
	clock_gettime(CLOCK_MONOTONIC, &progress->begun);
	progress_draw(progress, before);
}

/* "0:42", "1:02:03" */
static void time_text(double seconds, char text[32])
{
	unsigned long long s = (unsigned long long)(seconds + 0.5);

	if (s >= 3600)
		snprintf(text, 32, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(text, 32, "%llu:%02llu", s / 60, s % 60);
}

void progress_line(const struct progress_state *state, char line[160])
{
	unsigned long long here = state->done - state->before, left = state->total - state->done;
	unsigned int filled = 0, percent = 100, width = state->width < 80 ? state->width : 80;
	char bar[81], time[32] = "";

	if (state->total) {
		filled = (unsigned int)(state->done * width / state->total);
		percent = (unsigned int)(state->done * 100 / state->total);
	}
	for (unsigned int i = 0; i < width; i++)
		bar[i] = i < filled ? '#' : ' ';
	bar[width] = '\0';
	if (here)
		time_text(state->seconds / (double)here * (double)left, time);
	snprintf(line, 160, "[%s] %3u%%  %llu of %llu points%s%s%s", bar, percent, state->done,
		 state->total, *time ? ", " : "", time, *time ? " left" : "");
}

void progress_draw(struct progress *progress, unsigned long long done)
{
	struct progress_state state = {
		.total = progress->total, .before = progress->before, .done = done, .width = 30
	};
	char line[160];

	if (!progress->out ||
	    (progress->drawn.tv_sec && seconds_since(&progress->drawn) < 1.0 / DRAWS_A_SECOND))
		return;
	state.seconds = seconds_since(&progress->begun);
	progress_line(&state, line);
	fprintf(progress->out, "\r\033[K%s%s%s", tint_on(progress->style, TINT_DIM), line,
		tint_off(progress->style));
	fflush(progress->out);
	clock_gettime(CLOCK_MONOTONIC, &progress->drawn);
}

void progress_end(struct progress *progress)
{
	if (!progress->out)
		return;
	fputs("\r\033[K", progress->out);
	fflush(progress->out);
	progress->out = NULL;
}
