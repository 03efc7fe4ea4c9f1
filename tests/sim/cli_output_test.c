/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output files of the commands: whole or not at all, and told when they fail.
 */
#include "cli_call.h"

TEST(output, as_json_on_standard_output_sends_the_text_to_standard_error)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--json", "-", dir);
	json_t *report = json_loads(got.out, 0, NULL);

	EXPECT_EQ(got.status, 0);
	ASSERT_TRUE(report != NULL);
	EXPECT_EQ(json_array_size(json_object_get(report, "runs")), 2);
	expect_part(got.err, "2 runs of 1 scenario: 2 passed");
	json_decref(report);
	call_free(&got);
	remove_dir(dir);
}

TEST(output, as_junit_on_standard_output_too)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--junit", "-", dir);

	expect_part(got.out, "<?xml version=\"1.0\"");
	expect_part(got.err, "2 runs of 1 scenario: 2 passed");
	call_free(&got);
	remove_dir(dir);
}

TEST(output, goes_to_files_twice_with_the_same_bytes)
{
	char *dir = make_dir(), *json = make_path(dir, "r.json"), *xml = make_path(dir, "r.xml");
	struct call got = CALL("run", "--json", json, "--junit", xml, dir);
	char *first = read_file(json), *first_xml = read_file(xml), *second, *second_xml;

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "2 runs of 1 scenario");
	call_free(&got);
	got = CALL("run", "--json", json, "--junit", xml, dir);
	second = read_file(json);
	second_xml = read_file(xml);
	EXPECT_TRUE(strlen(first) > 100);
	EXPECT_STREQ(first, second);
	EXPECT_STREQ(first_xml, second_xml);
	EXPECT_EQ(count_entries(dir), 3); /* nothing temporary is left */
	call_free(&got);
	free(first);
	free(second);
	free(first_xml);
	free(second_xml);
	free(json);
	free(xml);
	remove_dir(dir);
}

TEST(output, through_a_link_keeps_the_link)
{
	char *dir = make_dir(), *link = make_path(dir, "link"), *target = make_path(dir, "target");
	struct stat status;
	struct call got;
	char *text;

	write_file(dir, "target", "old");
	EXPECT_EQ(symlink("target", link), 0);
	got = CALL("run", "--json", link, dir);
	EXPECT_EQ(lstat(link, &status), 0);
	EXPECT_TRUE(S_ISLNK(status.st_mode));
	text = read_file(target);
	expect_part(text, "\"runs\"");
	free(text);
	call_free(&got);
	free(link);
	free(target);
	remove_dir(dir);
}

TEST(output, that_cannot_be_opened_is_told_before_anything_runs)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--json=/nonexistent/r.json", "--junit=-", dir);

	EXPECT_EQ(got.status, 3);
	EXPECT_STREQ(got.out, "");
	EXPECT_STREQ(got.err, "vtdsim run: cannot write '/nonexistent/r.json': No such file or "
			      "directory\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(output, that_is_a_directory_is_told)
{
	char *dir = make_dir();
	struct call got = CALL("matrix", "--junit", dir, dir);

	EXPECT_EQ(got.status, 3);
	expect_part(got.err, "Is a directory");
	call_free(&got);
	remove_dir(dir);
}

TEST(output, to_a_full_device_is_told)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--json=/dev/full", "--junit=/dev/null", dir);

	EXPECT_EQ(got.status, 3);
	expect_part(got.err, "cannot write '/dev/full': No space left on device");
	call_free(&got);
	remove_dir(dir);
}

TEST(output, of_bad_input_is_not_touched)
{
	char *dir = make_dir(), *json = make_path(dir, "r.json");
	struct call got;
	char *text;

	write_file(dir, "r.json", "old");
	write_file(dir, "bad.yaml", BAD);
	got = CALL("run", "--json", json, dir);
	EXPECT_EQ(got.status, 2);
	text = read_file(json);
	EXPECT_STREQ(text, "old");
	free(text);
	call_free(&got);
	free(json);
	remove_dir(dir);
}
