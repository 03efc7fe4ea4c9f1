/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Studies that were interrupted go on where their file ends, and only there.
 */
#include "sweep_call.h"

#include <signal.h>
#include <sys/wait.h>

static struct call resume(const char *study, const char *csv)
{
	return CALL("sweep", study, "--csv", csv, "--resume", "-j", "2");
}

/* A small study, the table of a whole run, and where another run's file is. */
struct place_of_work {
	char *dir, *study, *csv, *whole;
};

static struct place_of_work begin(void)
{
	struct place_of_work w = { .dir = make_study(SMALL_STUDY) };
	struct call got;

	w.study = make_path(w.dir, "study.yaml");
	w.csv = make_path(w.dir, "x.csv");
	got = CALL("sweep", w.study, "--csv", w.csv);
	EXPECT_EQ(got.status, 0);
	call_free(&got);
	w.whole = read_file(w.csv);
	return w;
}

static void end(struct place_of_work *w)
{
	free(w->study);
	free(w->csv);
	free(w->whole);
	remove_dir(w->dir);
}

static void write_part(const struct place_of_work *w, size_t len)
{
	FILE *out = fopen(w->csv, "w");

	fwrite(w->whole, 1, len, out);
	fclose(out);
}

static void expect_whole(const struct place_of_work *w)
{
	struct call got = resume(w->study, w->csv);
	char *text = read_file(w->csv);

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "12 points: 12 passed");
	EXPECT_STREQ(text, w->whole);
	free(text);
	call_free(&got);
}

TEST(sweep_resume, mends_a_row_cut_off_at_any_byte)
{
	struct place_of_work w = begin();
	size_t len = strlen(w.whole), last = len - 1;

	while (w.whole[last - 1] != '\n')
		last--;
	for (size_t cut = last; cut <= len; cut++) {
		write_part(&w, cut);
		expect_whole(&w);
	}
	end(&w);
}

TEST(sweep_resume, goes_on_behind_any_row_and_from_nothing)
{
	struct place_of_work w = begin();
	size_t header = strcspn(w.whole, "\n");

	for (size_t cut = 0; w.whole[cut]; cut++) {
		if (w.whole[cut] != '\n' && cut > 2 && cut != header / 2)
			continue;
		write_part(&w, cut + 1);
		expect_whole(&w);
	}
	write_part(&w, 0);
	expect_whole(&w);
	unlink(w.csv);
	expect_whole(&w);
	end(&w);
}

TEST(sweep_resume, goes_on_with_a_shard)
{
	struct place_of_work w = begin();
	struct call got = CALL("sweep", w.study, "--csv", w.csv, "--shard", "2/5");
	char *shard = read_file(w.csv), *text;

	EXPECT_EQ(got.status, 0);
	call_free(&got);
	free(w.whole);
	w.whole = shard;
	write_part(&w, strlen(shard) - 30);
	got = CALL("sweep", w.study, "--csv", w.csv, "--shard", "2/5", "--resume");
	EXPECT_EQ(got.status, 0);
	text = read_file(w.csv);
	EXPECT_STREQ(text, shard);
	free(text);
	call_free(&got);
	got = CALL("sweep", w.study, "--csv", w.csv, "--shard", "3/5", "--resume");
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.csv:2: error: point 1; expected 2");
	call_free(&got);
	end(&w);
}

TEST(sweep_resume, takes_no_rows_of_another_scenario)
{
	struct place_of_work w = begin();
	struct call got;
	char *text;

	write_file(w.dir, "good.yaml", GOOD "  - vmm: {open: d}\n");
	got = resume(w.study, w.csv);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.csv:2: error: point 0 has run with other inputs");
	text = read_file(w.csv);
	EXPECT_STREQ(text, w.whole); /* as it was */
	free(text);
	call_free(&got);
	end(&w);
}

struct damage {
	const char *name, *text, *message;
};

static const struct damage damages[] = {
	{ "another_table", "a,b\n1,2\n", "is no table of this study" },
	{ "no_row", "\"0\"x,\n", "x.csv:2: error: no row of CSV" },
	{ "too_few_cells", "0,1\n", "x.csv:2: error: 2 cells; expected 11" },
	{ "no_such_point", "12,0,write,v1,,,,,,,\n", "no point '12'" },
};

TEST_WITH_PARAMS(sweep_resume, refuses_damage, struct damage, damages)
{
	struct place_of_work w = begin();
	size_t header = strcspn(w.whole, "\n") + 1;
	struct call got;
	FILE *out;

	write_part(&w, param->text[0] == 'a' ? 0 : header);
	out = fopen(w.csv, "a");
	fputs(param->text, out);
	fclose(out);
	got = resume(w.study, w.csv);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, param->message);
	call_free(&got);
	end(&w);
}

TEST(sweep_resume, is_needed_to_write_on_an_unfinished_file)
{
	struct place_of_work w = begin();
	struct call got;
	char *text;

	write_part(&w, strlen(w.whole) - 1);
	got = CALL("sweep", w.study, "--csv", w.csv);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "holds 11 of 12 points; --resume goes on with it");
	text = read_file(w.csv);
	EXPECT_EQ(strlen(text), strlen(w.whole) - 1);
	free(text);
	call_free(&got);

	write_part(&w, strlen(w.whole)); /* a finished one is replaced */
	got = CALL("sweep", w.study, "--csv", w.csv);
	EXPECT_EQ(got.status, 0);
	call_free(&got);
	end(&w);
}

/* In a child: a study of many points that its parent interrupts. */
static int sweep_in_child(const struct place_of_work *w)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct call got = CALL("sweep", w->study, "--csv", w->csv, "-j", "2");

		_exit(got.status);
	}
	return (int)pid;
}

TEST(sweep_resume, follows_an_interruption)
{
	static const char many[] = STUDY_HEAD "    range: {from: 1, to: 64, scale: log2}\n"
					      "  seed: {path: seed, range: {from: 1, to: 2000}}\n"
					      "sample: {points: 150}\n" STUDY_METRICS;
	struct place_of_work w = { .dir = make_study(many) };
	struct stat status;
	int pid, ended;
	struct call got, whole;
	char *text;

	w.study = make_path(w.dir, "study.yaml");
	w.csv = make_path(w.dir, "x.csv");
	pid = sweep_in_child(&w);
	/* as soon as there is a row */
	while (stat(w.csv, &status) || status.st_size < 200)
		if (waitpid(pid, &ended, WNOHANG) == pid)
			break;
	kill(pid, SIGINT);
	EXPECT_EQ(waitpid(pid, &ended, 0), pid);
	EXPECT_TRUE(WIFEXITED(ended));
	EXPECT_EQ(WEXITSTATUS(ended), 128 + SIGINT);
	got = resume(w.study, w.csv);
	EXPECT_EQ(got.status, 0);
	whole = CALL("sweep", w.study, "--csv", "-");
	text = read_file(w.csv);
	EXPECT_STREQ(text, whole.out);
	free(text);
	call_free(&got);
	call_free(&whole);
	end(&w);
}
