using System.Text;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

public sealed class Tnef_files
{
    private const string Shared = "data/mail/mimekit/tnef";

    /// <summary>Files of Outlook and others, with the names that another program reads in them (body.* is made of properties of the message, which are not read here).</summary>
    [Theory]
    [InlineData("two-files", "AUTHORS|README")]
    [InlineData("data-before-name", "AUTOEXEC.BAT|CONFIG.SYS|boot.ini")]
    [InlineData("multi-value-attribute", "208225__5_seconds__Voice_Mail.mp3")]
    [InlineData("panic", "image001.jpg|image002.jpg|image003.png")]
    [InlineData("unicode-mapi-attr-name", "spaconsole2.cfg|image001.png|image002.png|image003.png")]
    [InlineData("winmail", "Untitled Attachment|Untitled Attachment")]
    [InlineData("body", "")]
    [InlineData("rtf", "")]
    [InlineData("long-filename", "")]
    public async Task Of_other_programs_are_read(string name, string expected)
    {
        Assert.SkipWhen(SharedFiles.Find($"{Shared}/{name}.tnef") is null, "the published messages are not there");
        var file = await File.ReadAllBytesAsync(SharedFiles.Find($"{Shared}/{name}.tnef")!, TestContext.Current.CancellationToken);
        Assert.True(Tnef.TryRead(file, null, out var tnef));
        var files = tnef!.Attachments.Where(static one => one.Length > 0 || !one.Names.IsEmpty).ToList();
        var wanted = expected.Split('|', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(wanted.Length <= files.Count, $"{files.Count}: {string.Join('|', files.Select(static one => string.Join('/', one.Names)))}");
        Assert.All(wanted.Zip(files), static pair => Assert.Contains(pair.First, pair.Second.Names));
        foreach (var one in files)
        {
            // Where the published suite holds the file itself, it is the same.
            if (one.Names.Select(own => SharedFiles.Find($"{Shared}/{name}/{own}")).FirstOrDefault(static found => found is not null) is { } path && new FileInfo(path).Length > 0)
            {
                // (Texts among them are kept with other line ends.)
                var expectedOctets = Octets.Show(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
                Assert.Equal(expectedOctets.ReplaceLineEndings("\n"), Octets.Show(file.AsSpan(one.Start, one.Length)).ReplaceLineEndings("\n"));
            }
        }
    }

    [Fact]
    public void Names_of_title_and_properties_belong_to_the_file_between_two_beginnings()
    {
        var file = TnefSample.File(
            TnefSample.Codepage(932), TnefSample.Begin(), TnefSample.Data("one"u8.ToArray()), TnefSample.Title("ONE~1.EXE"), TnefSample.Properties(TnefSample.Named(null), TnefSample.Named("odd"), TnefSample.Number(0x0E21, 1), TnefSample.LongName("one long.exe")),
            TnefSample.Begin(), TnefSample.Title(Octets.Show([0x93, 0xFA, 0x96, 0x7B, (byte)'.', (byte)'t', (byte)'x', (byte)'t'])), TnefSample.Data("two"u8.ToArray()),
            TnefSample.Begin(), TnefSample.Properties(TnefSample.LongName("three"), TnefSample.Property(0x000D, 0x3701, [.. new byte[16], .. "object"u8])));
        Assert.True(Tnef.TryRead(file, null, out var tnef));
        Assert.Equal("", tnef!.Problem);
        Assert.Equal(
            ["ONE~1.EXE/one long.exe: one", "日本.txt: two", "three: object"],
            tnef.Attachments.Select(one => $"{string.Join('/', one.Names)}: {Encoding.ASCII.GetString(file.AsSpan(one.Start, one.Length))}"));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "it is cut within an attribute")]
    [InlineData(2, "it is cut within an attribute")]
    [InlineData(3, "a checksum is wrong")]
    [InlineData(4, "the properties of a file are cut")]
    public void What_is_cut_or_contradicts_itself_is_told_and_what_stands_before_it_is_read(int kind, string problem)
    {
        byte[] whole = TnefSample.With("a.exe", "MZ"u8.ToArray());
        byte[] file = kind switch
        {
            0 => [.. whole, 0, 0, 0],
            1 => [.. whole, 1, 2, 3],
            2 => [.. whole, .. TnefSample.Data("cut"u8.ToArray()).AsSpan(0, 11)],
            3 => [.. whole, .. TnefSample.Attribute(0x00018010, "b"u8.ToArray(), checksum: 1)],
            _ => [.. whole, .. TnefSample.Attribute(0x00069005, [9, 0, 0, 0, 0x1F, 0, 7, 0x37, 1, 0, 0, 0, 255, 255, 0, 0])],
        };
        Assert.True(Tnef.TryRead(file, null, out var tnef));
        Assert.Equal(problem, tnef!.Problem);
        Assert.Equal("a.exe", tnef.Attachments[0].Names[0]);
        Assert.Equal("MZ", Encoding.ASCII.GetString(file.AsSpan(tnef.Attachments[0].Start, tnef.Attachments[0].Length)));
    }

    [Theory]
    [InlineData(3, "")]
    [InlineData(4, "it holds more than 3 files")]
    public void Files_have_a_limit(int files, string problem) =>
        Assert.Equal((Math.Min(files, 3), problem), Read(Enumerable.Range(0, files).SelectMany(static i => (byte[][])[TnefSample.Begin(), TnefSample.Title($"{i}"), TnefSample.Data([1])]), new() { Attachments = 3 }));

    [Theory]
    [InlineData(3, "")]
    [InlineData(4, "it has more than 3 attributes")]
    public void Attributes_have_a_limit(int attributes, string problem) =>
        Assert.Equal(problem, Read(Enumerable.Repeat(TnefSample.Title("x"), attributes), new() { Attributes = 3 }).Problem);

    [Theory]
    [InlineData(3, "")]
    [InlineData(4, "a file has more than 3 properties")]
    public void Properties_have_a_limit(int properties, string problem) =>
        Assert.Equal(problem, Read([TnefSample.Properties([.. Enumerable.Repeat(TnefSample.Number(1, 1), properties)])], new() { Properties = 3 }).Problem);

    [Fact]
    public void Names_have_limits()
    {
        Assert.True(Tnef.TryRead(TnefSample.File(TnefSample.Begin(), TnefSample.Title(new string('n', 31)), TnefSample.Title("b"), TnefSample.Title("c"), TnefSample.Data([1])), new() { Names = 2, NameCharacters = 30 }, out var tnef));
        Assert.Equal([30, 1], tnef!.Attachments[0].Names.Select(static name => name.Length));
    }

    [Fact]
    public void Other_files_are_none()
    {
        Assert.False(Tnef.TryRead("PK"u8, null, out _));
        Assert.False(Tnef.TryRead([], null, out _));
        Assert.True(Tnef.TryRead([0x78, 0x9F, 0x3E, 0x22], null, out var bare));
        Assert.Empty(bare!.Attachments);
    }

    private static (int Files, string Problem) Read(IEnumerable<byte[]> attributes, TnefLimits limits)
    {
        Assert.True(Tnef.TryRead(TnefSample.File(attributes), limits, out var tnef));
        return (tnef!.Attachments.Count, tnef.Problem);
    }
}
