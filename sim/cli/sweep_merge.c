/* SPDX-License-Identifier: Apache-2.0 */
/* Puts shards' files together: the same bytes as of one run. */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

/* A row and where it was found. */
struct found {
	char *line; /* without its end */
	const char *file;
	unsigned int number; /* of the line */
};

/* The same point may be in several files if it says the same in all. */
static bool take_row(struct found *found, const struct place *place, const char *line, size_t len,
		     struct diags *diags)
{
	struct place first = { .file = found->file, .line = found->number };

	if (found->line) {
		if (strlen(found->line) == len && memcmp(found->line, line, len) == 0)
			return true;
		diag_add(diags, place, "this point has another result here");
		diag_note(diags, &first, "than here");
		return false;
	}
	*found = (struct found){ strndup(line, len), place->file, place->line };
	return found->line || diag_add(diags, place, "not enough memory");
}

static bool take_rows(const struct sweep *sweep, const struct table_file *file, const char *path,
		      struct found *found, struct diags *diags)
{
	struct place place = { .file = path, .line = 1 };
	unsigned long long number;
	const char *line;
	size_t at = 0, len;

	if (!file->exists)
		return diag_add(diags, &(struct place){ .file = path }, "there is no such file");
	if (!file->has_header)
		return diag_add(diags, &place,
				"is no table of this study: its first line is another");
	while (table_next(file, &at, &line, &len)) {
		place.line++;
		if (!table_check_row(sweep->study, &place, line, len, &number, diags) ||
		    !take_row(&found[number], &place, line, len, diags))
			return false;
	}
	place.line++;
	return !file->text[file->whole] ||
	       diag_add(diags, &place,
			"a row that was cut off; the shard's own command with --resume mends it");
}

static bool take_file(const struct sweep *sweep, const char *path, struct found *found,
		      struct diags *diags)
{
	struct table_file file;
	bool good = table_read(sweep->study, path, &file, diags) &&
		    take_rows(sweep, &file, path, found, diags);

	table_file_clear(&file);
	return good;
}

static bool all_there(const struct sweep *sweep, const struct found *found, struct diags *diags)
{
	const struct place whole = { .file = sweep->arguments->words[0] };
	unsigned long long missing = 0, first = 0;

	for (unsigned long long i = sweep->count; i-- > 0;) {
		if (found[i].line)
			continue;
		missing++;
		first = i;
	}
	if (!missing)
		return true;
	return diag_add(diags, &whole,
			"%llu of %llu points are in none of the files, the first is %llu", missing,
			sweep->count, first);
}

static int write_csv(struct sweep *sweep, const struct found *found, struct output *csv)
{
	if (csv->file)
		table_write_header(sweep->study, csv->file);
	for (unsigned long long i = 0; i < sweep->count; i++) {
		if (csv->file)
			fprintf(csv->file, "%s\n", found[i].line);
		if (!sweep_keep(sweep, found[i].line, strlen(found[i].line), -1))
			return internal_error(sweep->arguments, "not enough memory");
	}
	if (csv->file && !output_commit(sweep->arguments, csv))
		return STATUS_INTERNAL;
	return STATUS_GO_ON;
}

int sweep_merge(struct sweep *sweep)
{
	const struct arguments *a = sweep->arguments;
	struct found *found = calloc(sweep->count, sizeof(*found));
	struct diags diags = { 0 };
	struct output csv = { 0 };
	int status = STATUS_GO_ON;
	bool good = found != NULL;

	for (size_t i = 1; good && i < a->word_count; i++)
		good = take_file(sweep, a->words[i], found, &diags);
	if (!good || !all_there(sweep, found, &diags))
		status = sweep_complain(sweep, &diags);
	else if (a->sweep.csv && !output_open(a, a->sweep.csv, &csv))
		status = STATUS_INTERNAL;
	else
		status = write_csv(sweep, found, &csv);
	output_discard(&csv);
	for (unsigned long long i = 0; found && i < sweep->count; i++)
		free(found[i].line);
	free(found);
	return status;
}
