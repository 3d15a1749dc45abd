using System.Diagnostics;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Documents.Pdf;

/// <summary>Runs a program of poppler-utils, qpdf or mupdf on a PDF file: other people's readers judge ours.</summary>
internal static class PdfTool
{
    public static void SkipUnless(string program) =>
        Assert.SkipUnless(File.Exists("/usr/bin/" + program), $"{program} is not installed (./tsunagi setup installs it)");

    /// <summary>Writes the file to a temporary directory, runs the program in it and answers with its standard output. {0} in the arguments is the file.</summary>
    public static async Task<byte[]> RunAsync(byte[] pdf, string program, params string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "document.pdf");
        await File.WriteAllBytesAsync(path, pdf, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("/usr/bin/" + program, arguments.Select(argument => argument.Replace("{0}", path, StringComparison.Ordinal)))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory.Path,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output, TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
        Assert.Equal("", await errors);
        return output.ToArray();
    }
}
