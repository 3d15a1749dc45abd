using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Classify;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Classify;

public sealed class Message_files : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_directory_gives_its_messages_in_order_and_passes_over_what_is_none()
    {
        Write("b/2.eml", "Subject: two\r\n\r\nx");
        Write("a.eml", "From someone Mon Jan  1 00:00:00 2024\nSubject: one\n\nFrom here on it is text at 12:30\n");
        Write("index.txt", "mv a b\n");
        Write(".hidden", "Subject: no\r\n\r\n");
        var files = new MessageFiles();
        Assert.Equal(["a.eml one", "b/2.eml two"], await SubjectsAsync(files, _directory.Path));
        Assert.Equal(1, files.Foreign);
    }

    [Fact]
    public async Task Of_a_maildir_what_is_in_cur_and_new_and_its_folders_counts()
    {
        Write("cur/1:2,S", "Subject: seen\n\n");
        Write("new/2", "Subject: unseen\n\n");
        Write("tmp/3", "Subject: half\n\n");
        Write("dovecot-uidlist", "Subject: no\n\n");
        Write(".Junk/cur/4", "Subject: junk\n\n");
        Write(".Junk/new/.keep", "");
        Write(".Junk/tmp/.keep", "");
        Assert.Equal([".Junk/cur/4 junk", "cur/1:2,S seen", "new/2 unseen"], await SubjectsAsync(new MessageFiles(), _directory.Path));
    }

    [Fact]
    public async Task An_mbox_is_parted_where_a_message_begins_and_nowhere_else()
    {
        Write("box", "From a@b Mon Jan  1 00:00:00 2024\nSubject: one\n\nFrom the start of it\n\nFrom whom? At noon.\n\n>From quoted\n\nFrom c@d Tue Jan  2 10:00:00 2024\nSubject: two\n\nx\n");
        var found = await AllAsync(new MessageFiles(), Path.Combine(_directory.Path, "box"));
        Assert.Equal(["box#1", "box#2"], found.Select(static one => one.Name));
        Assert.Contains("\nFrom quoted\n", Encoding.ASCII.GetString(found[0].Content), StringComparison.Ordinal);
        Assert.StartsWith("Subject: two", Encoding.ASCII.GetString(found[1].Content), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.tar", "")]
    [InlineData("a.tar.gz", "gzip")]
    [InlineData("a.tar.xz", "xz")]
    public async Task A_tar_archive_gives_its_files_however_it_is_compressed(string name, string program)
    {
        Assert.SkipUnless(program != "xz" || File.Exists("/usr/bin/xz"), "the program xz is not installed");
        var path = Path.Combine(_directory.Path, name);
        using (var tar = new MemoryStream())
        {
            await using (var writer = new TarWriter(tar, leaveOpen: true))
            {
                foreach (var (file, text) in new[] { ("spam/1", "Subject: one\n\n"), ("spam/cmds", "mv x y\n"), ("spam/2", "Subject: two\n\n") })
                {
                    await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(Encoding.ASCII.GetBytes(text)) }, TestContext.Current.CancellationToken);
                }
            }

            await File.WriteAllBytesAsync(path, program == "gzip" ? Gzip(tar.ToArray()) : tar.ToArray(), TestContext.Current.CancellationToken);
        }

        if (program == "xz")
        {
            File.Move(path, path[..^3]);
            using var xz = Process.Start("/usr/bin/xz", [path[..^3]]);
            await xz.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(["spam/1 one", "spam/2 two"], await SubjectsAsync(new MessageFiles(), path));
    }

    [Fact]
    public async Task What_is_not_there_or_was_cut_is_told_in_words()
    {
        var missing = await Assert.ThrowsAsync<WrongInputException>(() => AllAsync(new MessageFiles(), Path.Combine(_directory.Path, "none")));
        Assert.Contains("there is nothing at", missing.Message, StringComparison.Ordinal);
        Assert.SkipUnless(File.Exists("/usr/bin/xz"), "the program xz is not installed");
        await File.WriteAllBytesAsync(Path.Combine(_directory.Path, "cut.tar.xz"), [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 1, 2, 3], TestContext.Current.CancellationToken);
        var cut = await Assert.ThrowsAsync<WrongInputException>(() => AllAsync(new MessageFiles(), Path.Combine(_directory.Path, "cut.tar.xz")));
        Assert.Contains("cut.tar.xz", cut.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, 1, 0)]
    [InlineData(19, 0, 1)]
    public async Task A_message_has_a_longest_length(int most, int read, int tooLarge)
    {
        Write("a", "Subject: one\n\n123456");
        var files = new MessageFiles(most);
        Assert.Equal((read, tooLarge), ((await AllAsync(files, _directory.Path)).Count, files.TooLarge));
    }

    private static byte[] Gzip(byte[] content)
    {
        using var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return to.ToArray();
    }

    private static async Task<List<MessageFile>> AllAsync(MessageFiles files, string path)
    {
        List<MessageFile> all = [];
        await foreach (var one in files.ReadAsync(path, TestContext.Current.CancellationToken))
        {
            all.Add(one);
        }

        return all;
    }

    private static async Task<List<string>> SubjectsAsync(MessageFiles files, string path) =>
        [.. (await AllAsync(files, path)).Select(static one => $"{one.Name} {Tsunagi.Protocols.Mail.Message.MessageHeader.Read(one.Content).Subject}")];

    private void Write(string name, string text)
    {
        var path = Path.Combine(_directory.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
