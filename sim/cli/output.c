/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output files that appear whole or not at all: written beside their place, and renamed into it.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_error(const struct arguments *arguments, const char *path, int error)
{
	internal_error(arguments, "cannot write '%s': %s", path, strerror(error));
	return false;
}

/* A pipe or a device cannot be replaced by a file. */
static bool written_in_place(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Opens a new file beside the target; a link's target stays what the link names. */
static bool open_beside(struct output *output)
{
	int fd;

	output->target = realpath(output->path, NULL);
	if (!output->target)
		output->target = strdup(output->path);
	if (!output->target ||
	    asprintf(&output->temporary, "%s.%d.tmp", output->target, (int)getpid()) < 0) {
		output->temporary = NULL;
		errno = ENOMEM;
		return false;
	}
	fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		free(output->temporary); /* not ours */
		output->temporary = NULL;
		return false;
	}
	output->file = fdopen(fd, "w");
	if (!output->file)
		close(fd);
	return output->file != NULL;
}

bool output_open(const struct arguments *arguments, const char *path, struct output *output)
{
	bool opened;
	int error;

	memset(output, 0, sizeof(*output));
	output->path = path;
	if (!strcmp(path, "-")) {
		output->file = arguments->cli->out;
		output->shared = true;
		return true;
	}
	if (written_in_place(path)) {
		output->file = fopen(path, "we");
		opened = output->file != NULL;
	} else {
		opened = open_beside(output);
	}
	if (opened)
		return true;
	error = errno;
	output_discard(output);
	return write_error(arguments, path, error);
}

/* Notes the first error, as errno tells it. */
static bool note_error(struct output *output)
{
	if (!output->error)
		output->error = errno ? errno : EIO;
	return false;
}

static bool finish_file(struct output *output)
{
	FILE *file = output->file;
	bool written = !output->error && !ferror(file) && fflush(file) == 0;

	if (!written)
		note_error(output);
	output->file = NULL;
	if (!output->shared && fclose(file))
		written = note_error(output);
	return written;
}

bool output_commit(const struct arguments *arguments, struct output *output)
{
	const char *path = output->path;
	bool written;
	int error;

	written = finish_file(output);
	if (written && output->temporary) {
		if (rename(output->temporary, output->target) == 0) {
			free(output->temporary);
			output->temporary = NULL;
		} else {
			written = note_error(output);
		}
	}
	error = output->error;
	output_discard(output);
	return written || write_error(arguments, path, error);
}

void output_discard(struct output *output)
{
	if (output->file && !output->shared)
		fclose(output->file);
	if (output->temporary)
		unlink(output->temporary);
	free(output->temporary);
	free(output->target);
	memset(output, 0, sizeof(*output));
}

/* ---- which files the options name ---- */

/* A path with its directory resolved, so that two spellings of one file are equal; or NULL. */
static char *resolved(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	char *real = directory ? realpath(directory, NULL) : NULL;
	char *whole = NULL;

	if (real && asprintf(&whole, "%s/%s", real, slash ? slash + 1 : path) < 0)
		whole = NULL;
	free(directory);
	free(real);
	return whole;
}

static bool same_file(const char *a, const char *b)
{
	char *one = resolved(a), *other = resolved(b);
	bool same = !strcmp(a, b) || (one && other && !strcmp(one, other));

	free(one);
	free(other);
	return same;
}

/** A file that an option names, if it is given. */
struct named {
	const char *option, *path;
};

#define NAMED_FILES 4

static void name_files(const struct arguments *arguments, struct named *files)
{
	files[0] = (struct named){ "--json", arguments->json };
	files[1] = (struct named){ "--junit", arguments->junit };
	files[2] = (struct named){ "--trace", arguments->trace };
	files[3] = (struct named){ "--vcd", arguments->vcd };
}

/* Each to a place of its own. */
static int check_files(const struct arguments *arguments)
{
	struct named files[NAMED_FILES];

	name_files(arguments, files);
	for (size_t i = 0; i < NAMED_FILES; i++)
		for (size_t k = i + 1; k < NAMED_FILES; k++)
			if (files[i].path && files[k].path &&
			    same_file(files[i].path, files[k].path))
				return usage_error(arguments, "%s and %s both go to '%s'",
						   files[i].option, files[k].option, files[i].path);
	return STATUS_GO_ON;
}

int outputs_open(const struct arguments *arguments, struct outputs *outputs)
{
	int status = check_files(arguments);

	memset(outputs, 0, sizeof(*outputs));
	if (status != STATUS_GO_ON)
		return status;
	if ((arguments->json && !output_open(arguments, arguments->json, &outputs->json)) ||
	    (arguments->junit && !output_open(arguments, arguments->junit, &outputs->junit))) {
		outputs_discard(outputs);
		return STATUS_INTERNAL;
	}
	return STATUS_GO_ON;
}

static bool write_one(const struct arguments *arguments, struct output *output,
		      bool (*write)(FILE *out, const struct run_results *results),
		      const struct run_results *results)
{
	if (!output->file)
		return true;
	errno = 0;
	if (!write(output->file, results))
		note_error(output);
	return output_commit(arguments, output);
}

int outputs_write(const struct arguments *arguments, struct outputs *outputs,
		  const struct run_results *results)
{
	bool json = write_one(arguments, &outputs->json, report_json_write, results);
	bool junit = write_one(arguments, &outputs->junit, report_junit_write, results);

	return json && junit ? STATUS_GO_ON : STATUS_INTERNAL;
}

void outputs_discard(struct outputs *outputs)
{
	output_discard(&outputs->json);
	output_discard(&outputs->junit);
}

FILE *text_stream(const struct arguments *arguments, struct style *style)
{
	const struct cli *cli = arguments->cli;
	struct named files[NAMED_FILES];
	bool taken = false;

	name_files(arguments, files);
	for (size_t i = 0; i < NAMED_FILES; i++)
		taken |= files[i].path && !strcmp(files[i].path, "-");
	*style = taken ? cli->err_style : cli->out_style;
	return taken ? cli->err : cli->out;
}
