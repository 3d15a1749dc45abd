using System.IO.Compression;
using System.Text;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Attachments;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Checks;

public sealed class Attachments_of_a_message
{
    private static readonly byte[] Program = [(byte)'M', (byte)'Z', 0x90, 0, 3, 0, 0, 0];

    [Theory]
    [InlineData("invoice.exe", "text", "attachment.executable invoice.exe by its name")]
    [InlineData("invoice.EXE. ", "text", "attachment.executable invoice.EXE. by its name")]
    [InlineData("run.js", "text", "attachment.script run.js by its name")]
    [InlineData("open.lnk", "text", "attachment.shortcut open.lnk by its name")]
    [InlineData("disk.vhdx", "text", "attachment.disk-image disk.vhdx by its name")]
    [InlineData("table.xlsm", "text", "attachment.macro table.xlsm by its name")]
    [InlineData("a.rar", "text", "attachment.opaque-archive a.rar by its name")]
    [InlineData("a.txt", "#!/bin/sh", "attachment.script a.txt by its content")]
    [InlineData("a.txt", "Rar!....", "attachment.opaque-archive a.txt by its content")]
    [InlineData("a.png", "%PDF-1.7", "attachment.type-mismatch a.png Pdf")]
    [InlineData("a.txt", "text", "")]
    [InlineData("a.pdf", "%PDF-1.7", "")]
    public async Task Names_and_first_octets_tell_what_a_file_is(string name, string content, string expected) =>
        Assert.Equal(expected, string.Join('\n', await FoundAsync(Attached((name, Octets.Of(content))))));

    [Fact]
    public async Task A_program_is_one_whatever_its_name_and_its_type_and_however_deep_it_lies()
    {
        Assert.Equal(["attachment.executable cat.png by its content", "attachment.type-mismatch cat.png Program"], await FoundAsync(Attached(("cat.png", Program))));
        var zip = Zip(("inner.zip", Zip(("deep.tar.gz", Gzip(Tar("cat.txt", Program))))), ("readme.txt", Octets.Of("x")));
        Assert.Equal(["attachment.executable a.zip/inner.zip/deep.tar.gz/deep.tar/cat.txt by its content"], await FoundAsync(Attached(("a.zip", zip))));
        Assert.Equal(["attachment.executable part 0 (application/octet-stream) by its content"], await FoundAsync(
            "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(Program)));
    }

    [Fact]
    public async Task Both_names_of_a_part_are_looked_at() => Assert.Contains(
        "attachment.executable b.exe by its name",
        await FoundAsync("Content-Type: application/pdf; name=b.exe\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-"));

    [Fact]
    public async Task Macros_and_encryption_are_told()
    {
        Assert.Equal(["attachment.macro a.docx by its content"], await FoundAsync(Attached(("a.docx", Zip(("[Content_Types].xml", Octets.Of("<x/>")), ("word/vbaProject.bin", Octets.Of("x")))))));
        var compound = new byte[] { 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1 };
        Assert.Equal(["attachment.macro a.doc by its content"], await FoundAsync(Attached(("a.doc", [.. compound, .. Encoding.Unicode.GetBytes("_VBA_PROJECT")]))));
        Assert.Equal(["attachment.encrypted a.xlsx an office file"], await FoundAsync(Attached(("a.xlsx", [.. compound, .. Encoding.Unicode.GetBytes("EncryptedPackage")]))));
        var encrypted = Zip(("secret.exe", Program));
        encrypted[6] |= 1;
        encrypted[encrypted.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 8] |= 1;
        Assert.Equal(["attachment.encrypted a.zip secret.exe", "attachment.executable a.zip/secret.exe by its name"], await FoundAsync(Attached(("a.zip", encrypted))));
    }

    [Fact]
    public async Task A_bomb_is_bounded_and_told_as_unscannable()
    {
        var zeroes = Zip(("zero.bin", new byte[3_000_000]));
        var limits = new FilterOptions { ArchiveBytes = 1_000_000, ArchiveDepth = 2, ArchiveFiles = 3 };
        Assert.Equal(["attachment.unscannable bomb.zip/zero.bin more than 1000000 octets come out of it"], await FoundAsync(Attached(("bomb.zip", zeroes)), limits));
        Assert.Equal(["attachment.unscannable z.gz more than 1000000 octets come out of it"], await FoundAsync(Attached(("z.gz", Gzip(new byte[3_000_000]))), limits));
        Assert.Empty(await FoundAsync(Attached(("ok.zip", Zip(("zero.bin", new byte[1_000_000])))), limits));
        Assert.Equal(["attachment.unscannable over.zip/zero.bin more than 1000000 octets come out of it"], await FoundAsync(Attached(("over.zip", Zip(("zero.bin", new byte[1_000_001])))), limits));

        byte[] Deep(int levels) => levels == 0 ? Octets.Of("x") : Zip(("a.zip", Deep(levels - 1)));
        Assert.Empty(await FoundAsync(Attached(("d.zip", Deep(2))), limits));
        Assert.Equal(["attachment.unscannable d.zip/a.zip/a.zip archives lie deeper than 2"], await FoundAsync(Attached(("d.zip", Deep(3))), limits));

        (string, byte[])[] Files(int count) => [.. Enumerable.Range(0, count).Select(static i => ($"{i}.txt", Octets.Of("x")))];
        Assert.Empty(await FoundAsync(Attached(("f.zip", Zip(Files(3)))), limits));
        Assert.Equal(["attachment.unscannable f.zip it holds more than 3 files"], await FoundAsync(Attached(("f.zip", Zip(Files(4)))), limits));
    }

    [Fact]
    public async Task Archives_that_unpackers_read_differently_are_unscannable()
    {
        var other = Zip(("name.txt", Octets.Of("x")));
        other[30] = (byte)'N';
        Assert.Equal(["attachment.unscannable a.zip the header of name.txt differs from the central directory's"], await FoundAsync(Attached(("a.zip", other))));
        var cut = Zip(("name.txt", Octets.Of("x")))[..^4];
        Assert.Equal(["attachment.unscannable a.zip it has no central directory"], await FoundAsync(Attached(("a.zip", cut))));
        var broken = await FoundAsync("Content-Disposition: attachment; filename=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD!RA==\r\n");
        Assert.Equal(["attachment.unscannable a.txt its base64 is broken"], broken);
    }

    [Fact]
    public async Task Files_in_a_text_and_in_winmail_dat_are_looked_at_by_name_and_true_type()
    {
        const string head = "From: a@b.example\r\nDate: x\r\n";
        var uuencoded = "begin 644 cat.txt\r\n" + UuencodeFuzz.Write(Program) + "`\r\nend\r\n";
        Assert.Equal(["attachment.executable part 0 (text/plain)/cat.txt by its content"], await FoundAsync($"{head}\r\nhello\r\n{uuencoded}"));
        Assert.Equal(["attachment.executable part 0 (text/plain)/cat.txt by its content"], await FoundAsync(
            $"{head}Content-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Octets.Of("hello\n" + uuencoded))}\r\n"));
        Assert.Equal(["attachment.executable a.uue/cat.txt by its content"], await FoundAsync(Attached(("a.uue", Octets.Of(uuencoded)))));
        Assert.Equal(["attachment.executable a.dat/cat.txt by its content"], await FoundAsync(
            $"{head}Content-Type: application/octet-stream; name=a.dat\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n{uuencoded}"));
        Assert.Equal(["attachment.executable winmail.dat/cat.txt by its content"], await FoundAsync(Attached(("winmail.dat", TnefSample.With("cat.txt", Program)))));
        Assert.Equal(["attachment.script picture.png/run.js by its name"], await FoundAsync(Attached(("picture.png", TnefSample.With("run.js", Octets.Of("x"))))));
        var both = TnefSample.File(TnefSample.Begin(), TnefSample.Title("A~1.TXT"), TnefSample.Data(Octets.Of("x")), TnefSample.Properties(TnefSample.LongName("a.exe")));
        Assert.Equal(["attachment.executable winmail.dat/a.exe by its name"], await FoundAsync(Attached(("winmail.dat", both))));

        // One in the other, and within archives.
        var inner = TnefSample.With("a.zip", Zip(("deep.txt", Program)));
        Assert.Equal(["attachment.executable winmail.dat/in.dat/a.zip/deep.txt by its content"], await FoundAsync(Attached(("winmail.dat", TnefSample.With("in.dat", inner)))));
        Assert.Equal(
            ["attachment.executable z.zip/winmail.dat/cat.txt by its content", "attachment.executable z.zip/b.uue/cat.txt by its content"],
            await FoundAsync(Attached(("z.zip", Zip(("winmail.dat", TnefSample.With("cat.txt", Program)), ("b.uue", Octets.Of(uuencoded)))))));
        Assert.Empty(await FoundAsync($"{head}\r\nWe begin 644 things\r\nand end\r\n"));
    }

    [Fact]
    public async Task Hidden_files_have_limits_and_what_is_broken_is_unscannable()
    {
        var limits = new FilterOptions { HiddenFiles = 2, ArchiveBytes = 100, ArchiveDepth = 1 };
        static string Text(int files, int octets) => "Date: x\r\nFrom: a@b.example\r\n\r\n" + string.Concat(Enumerable.Range(0, files).Select(i => $"begin 644 {i}.txt\r\n{UuencodeFuzz.Write(new byte[octets])}`\r\nend\r\n"));
        Assert.Empty(await FoundAsync(Text(2, 50), limits));
        Assert.Equal(["attachment.unscannable part 0 (text/plain) it holds more than 2 files"], await FoundAsync(Text(3, 1), limits));
        Assert.Equal(["attachment.unscannable part 0 (text/plain) more than 100 octets come out of it"], await FoundAsync(Text(1, 101), limits));
        Assert.Equal(["attachment.unscannable part 0 (text/plain)/a.txt its uuencoding is broken"], await FoundAsync("From: a@b.example\r\n\r\nbegin 644 a.txt\r\n#0V%T\r\n"));
        static byte[] Deep(int levels) => levels == 0 ? TnefSample.With("a.txt", Octets.Of("x")) : TnefSample.With("in.dat", Deep(levels - 1));
        Assert.Empty(await FoundAsync(Attached(("w.dat", Deep(1))), new FilterOptions { ArchiveDepth = 1 }));
        Assert.Equal(["attachment.unscannable w.dat/in.dat/in.dat archives lie deeper than 1"], await FoundAsync(Attached(("w.dat", Deep(2))), new FilterOptions { ArchiveDepth = 1 }));
        Assert.Equal(["attachment.unscannable w.dat it is cut within an attribute"], await FoundAsync(Attached(("w.dat", TnefSample.With("a.txt", Octets.Of("x"))[..^30]))));
    }

    [Theory]
    [InlineData("526172211A0700" + "CF907380000D00" + "000000000000", "rar")]
    [InlineData("526172211A0700" + "CF907300000D00" + "000000000000" + "0000740400200000000000", "rar")]
    [InlineData("526172211A0700" + "CF907300000D00" + "000000000000" + "0000740000200000000000", "")]
    [InlineData("526172211A070100" + "00000000" + "0A04000000000000000000", "rar")]
    [InlineData("526172211A070100" + "00000000" + "0301050600", "")]
    [InlineData("526172211A070100" + "00000000" + "0702010200000101", "rar")]
    [InlineData("377ABCAF271C0004000000000000000000000000060000000000000000000000" + "0006F1070100", "7z")]
    [InlineData("377ABCAF271C0004000000000000000000000000060000000000000000000000" + "000601070100", "")]
    [InlineData("377ABCAF271C0004000000000000000000000000FF0000000000000000000000" + "0006F1070100", "")]
    public void Encrypted_rar_and_7z_are_told_by_their_headers(string archive, string expected) => Assert.Equal(expected, EncryptedArchive.KindOf(Convert.FromHexString(archive)));

    [Fact]
    public async Task Damaged_archives_never_throw()
    {
        var random = new Random(4711);
        var whole = Zip(("inner.zip", Zip(("a.tar.gz", Gzip(Tar("x", Program))))), ("b.docx", Zip(("[Content_Types].xml", Octets.Of("<x/>")))));
        for (var i = 0; i < 2_000; i++)
        {
            var damaged = (byte[])whole.Clone();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            await FoundAsync(Attached(("a.zip", damaged[..random.Next(damaged.Length / 2, damaged.Length)])));
        }
    }

    internal static string Attached(params (string Name, byte[] Content)[] files) =>
        "From: a@b.example\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=mark\r\n\r\n--mark\r\n\r\ntext\r\n" + string.Concat(files.Select(static file =>
            $"--mark\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{file.Name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(file.Content, Base64FormattingOptions.InsertLineBreaks)}\r\n")) + "--mark--\r\n";

    internal static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var into = new MemoryStream();
        using (var zip = new ZipArchive(into, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return into.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var into = new MemoryStream();
        using (var gzip = new GZipStream(into, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return into.ToArray();
    }

    private static byte[] Tar(string name, byte[] content)
    {
        using var into = new MemoryStream();
        using (var tar = new System.Formats.Tar.TarWriter(into, System.Formats.Tar.TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }

        return into.ToArray();
    }

    private static async Task<IReadOnlyList<string>> FoundAsync(string message, FilterOptions? options = null)
    {
        var evidence = new List<Evidence>();
        await new AttachmentCheck(options ?? new FilterOptions()).RunAsync(Under(message), evidence, TestContext.Current.CancellationToken);
        return [.. evidence.Select(static found => $"{found.Code} {string.Join(' ', found.Values.Select(static value => value.Text))}")];
    }

    internal static MessageUnderCheck Under(string message) => new()
    {
        Id = "m_1", ClientAddress = null, Helo = "h", IsTls = false, ReversePath = ReversePath.Null, Recipients = 1, Content = Octets.Of(message), ForgedFields = 0, Time = default,
    };
}
