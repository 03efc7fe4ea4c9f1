/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a study's points on all processors and writes each row as soon as those before it are there, so that an
 * interrupted study loses nothing that its file shows, and can go on where that ends.
 */
#include "sweep.h"

#include "study/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A study under way. */
struct running {
	struct sweep *sweep;
	FILE *csv; /* or NULL */
	size_t before; /* rows that were there */
	int error; /* errno of a write that failed */
	struct progress progress;
};

/* ---- the file ---- */

/* Rows that a file has already, each of which must be what it would be today. */
static bool take_rows(struct sweep *sweep, const struct table_file *file, struct diags *diags)
{
	struct place place = { .file = sweep->arguments->sweep.csv, .line = 1 };
	unsigned long long number;
	const char *line;
	size_t at = 0, len;

	if (!file->has_header)
		return true;
	while (table_next(file, &at, &line, &len)) {
		place.line++;
		if (sweep->row_count == sweep->count)
			return diag_add(diags, &place, "a row more than there are points");
		if (!table_check_row(sweep->study, &place, line, len, &number, diags))
			return false;
		if (number != sweep_point(sweep, sweep->row_count))
			return diag_add(diags, &place, "point %llu; expected %llu", number,
					sweep_point(sweep, sweep->row_count));
		if (!sweep_keep(sweep, line, len, -1))
			return diag_add(diags, &place, "not enough memory");
	}
	return true;
}

/* What to do with a file that is there. *keep: so many bytes of it stay. */
static int look_at_file(struct sweep *sweep, size_t *keep)
{
	const struct arguments *a = sweep->arguments;
	const struct place whole = { .file = a->sweep.csv };
	struct diags diags = { 0 };
	struct table_file file;
	int status = STATUS_GO_ON;

	*keep = 0;
	if (!table_read(sweep->study, a->sweep.csv, &file, &diags))
		return sweep_complain(sweep, &diags);
	if (a->sweep.resume && file.foreign) {
		diag_add(&diags, &whole, "is no table of this study: its first line is another");
		status = sweep_complain(sweep, &diags);
	} else if (a->sweep.resume && !take_rows(sweep, &file, &diags)) {
		status = sweep_complain(sweep, &diags);
	} else if (a->sweep.resume) {
		*keep = file.whole;
	} else if (file.has_header && file.rows < sweep->count) {
		status = usage_error(a,
				     "'%s' holds %zu of %llu points; --resume goes on with it, or "
				     "remove it to begin anew",
				     a->sweep.csv, file.rows, sweep->count);
	}
	table_file_clear(&file);
	return status;
}

static int cannot_write(const struct sweep *sweep, int error)
{
	return internal_error(sweep->arguments, "cannot write '%s': %s",
			      sweep->arguments->sweep.csv, strerror(error));
}

/* Opens a file to go on with, alone; pipes and devices are written as they are. */
static int open_file(struct running *r)
{
	struct sweep *sweep = r->sweep;
	const char *path = sweep->arguments->sweep.csv;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666), status;
	struct stat stat;
	size_t keep;

	if (fd < 0 && errno != ENXIO)
		return cannot_write(sweep, errno);
	if (fd < 0 || fstat(fd, &stat) || !S_ISREG(stat.st_mode)) {
		if (fd >= 0)
			close(fd);
		r->csv = fopen(path, "we");
		return r->csv ? STATUS_GO_ON : cannot_write(sweep, errno);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		close(fd);
		return usage_error(sweep->arguments, "'%s' is being written by another vtdsim",
				   path);
	}
	status = look_at_file(sweep, &keep);
	if (status == STATUS_GO_ON && (ftruncate(fd, (off_t)keep) || lseek(fd, 0, SEEK_END) < 0))
		status = cannot_write(sweep, errno);
	if (status == STATUS_GO_ON)
		r->csv = fdopen(fd, "w");
	if (!r->csv)
		close(fd);
	if (status == STATUS_GO_ON && !keep)
		table_write_header(sweep->study, r->csv);
	return status;
}

static int open_csv(struct running *r)
{
	const struct arguments *a = r->sweep->arguments;

	if (!a->sweep.csv)
		return STATUS_GO_ON;
	if (strcmp(a->sweep.csv, "-") != 0)
		return open_file(r);
	r->csv = a->cli->out;
	table_write_header(r->sweep->study, r->csv);
	return STATUS_GO_ON;
}

static int close_csv(struct running *r)
{
	bool shared = r->csv == r->sweep->arguments->cli->out;

	if (!r->csv)
		return STATUS_GO_ON;
	errno = 0;
	if ((fflush(r->csv) || ferror(r->csv)) && !r->error)
		r->error = errno ? errno : EIO;
	if (!shared && fclose(r->csv) && !r->error)
		r->error = errno;
	return r->error ? cannot_write(r->sweep, r->error) : STATUS_GO_ON;
}

/* ---- points ---- */

/* In a child: runs a point and writes its row. */
static int work(void *arg, unsigned long long piece, FILE *out)
{
	const struct running *r = arg;
	const struct sweep *sweep = r->sweep;
	unsigned long long number = sweep_point(sweep, r->before + piece);
	struct run_results results;
	struct study_run run;
	int status;

	study_run_point(sweep->study, number, &run);
	results = (struct run_results){ &run.result, 1 };
	status = run.read ? results_status(&results) : STATUS_INPUT;
	table_write_row(sweep->study, sweep->command, number, &run, out);
	study_run_clear(&run);
	return status;
}

/* A child that left no row: the row says why. */
static char *lost_row(const struct sweep *sweep, unsigned long long number,
		      const struct pool_answer *answer, size_t *len)
{
	char message[100], *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (answer->signal)
		snprintf(message, sizeof(message), "the run was ended by signal %d (%s)",
			 answer->signal, strsignal(answer->signal));
	else
		snprintf(message, sizeof(message), "the run ended with status %d and no result",
			 answer->status);
	if (!out)
		return NULL;
	table_write_lost(sweep->study, sweep->command, number, message, out);
	fclose(out);
	return text;
}

static bool take(struct running *r, const char *row, size_t len, int status)
{
	errno = 0;
	if (r->csv && (fwrite(row, 1, len, r->csv) != len || fflush(r->csv)))
		r->error = errno ? errno : EIO;
	return !r->error && sweep_keep(r->sweep, row, len - 1, status);
}

/* In order: the row of a point. */
static bool done(void *arg, unsigned long long piece, const struct pool_answer *answer)
{
	struct running *r = arg;
	bool whole = !answer->signal && answer->len && answer->text[answer->len - 1] == '\n';
	char *row = NULL;
	size_t len;
	bool taken;

	if (whole)
		return take(r, answer->text, answer->len, answer->status);
	row = lost_row(r->sweep, sweep_point(r->sweep, r->before + piece), answer, &len);
	taken = row && take(r, row, len, STATUS_INTERNAL);
	free(row);
	return taken;
}

static void tick(void *arg, unsigned long long pieces)
{
	struct running *r = arg;

	progress_draw(&r->progress, r->before + pieces);
}

static int interrupted(const struct running *r, int number)
{
	const struct sweep *sweep = r->sweep;
	bool resumable = r->csv && r->csv != sweep->arguments->cli->out;

	fprintf(sweep->arguments->cli->err, "%s: %s after %zu of %llu points%s\n",
		sweep->arguments->command, number == SIGINT ? "interrupted" : strsignal(number),
		sweep->row_count, sweep->count,
		resumable ? "; the same with --resume goes on" : "");
	return 128 + number;
}

static int run_points(struct running *r)
{
	const struct cli *cli = r->sweep->arguments->cli;
	unsigned long long jobs = r->sweep->arguments->sweep.jobs;
	struct pool pool = { .work = work, .done = done, .tick = tick, .arg = r };
	enum pool_end end;
	int number;

	r->before = r->sweep->row_count;
	pool.count = r->sweep->count - r->before;
	pool.jobs = jobs ? (unsigned int)jobs : pool_processors();
	if (pool.jobs > pool.count)
		pool.jobs = pool.count ? (unsigned int)pool.count : 1;
	fflush(cli->out); /* the children have a copy of what is not written */
	fflush(cli->err);
	progress_begin(&r->progress, cli->err, &cli->err_style, r->sweep->count, r->before);
	end = pool_run(&pool, &number);
	progress_end(&r->progress);
	if (end == POOL_INTERRUPTED)
		return interrupted(r, number);
	if (end == POOL_FAILED)
		return internal_error(r->sweep->arguments, "cannot run points: %s",
				      strerror(number));
	if (end == POOL_ENOUGH && !r->error)
		return internal_error(r->sweep->arguments, "not enough memory");
	return STATUS_GO_ON;
}

int sweep_run(struct sweep *sweep)
{
	struct running r = { .sweep = sweep };
	int status = open_csv(&r), closed;

	if (status == STATUS_GO_ON)
		status = run_points(&r);
	closed = close_csv(&r);
	return status == STATUS_GO_ON ? closed : status;
}
