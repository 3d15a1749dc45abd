using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Mail.Classify;

/// <summary>A file as it was before it was compressed: gzip in place, xz, bzip2 and zstd by the system's programs of these names.</summary>
internal sealed class Unpacked : IAsyncDisposable
{
    private readonly Process? _program;
    private readonly string _file;

    private Unpacked(string file, Stream content, Process? program) => (_file, Content, _program) = (file, content, program);

    public Stream Content { get; }

    /// <exception cref="WrongInputException">The file cannot be read, or the program is not there.</exception>
    public static Unpacked Open(string file)
    {
        try
        {
            var raw = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            Span<byte> head = stackalloc byte[6];
            head = head[..raw.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            raw.Position = 0;
            if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            {
                return new Unpacked(file, new GZipStream(raw, CompressionMode.Decompress), null);
            }

            var program = head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) ? "xz"
                : head.StartsWith("BZh"u8) ? "bzip2"
                : head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? "zstd"
                : "";
            if (program.Length == 0)
            {
                return new Unpacked(file, raw, null);
            }

            raw.Dispose();
            return Through(program, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the file {file} cannot be read: {e.Message}");
        }
    }

    /// <summary>Says so when the program that unpacked failed, as with a file that was cut.</summary>
    /// <exception cref="WrongInputException">It failed.</exception>
    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        if (_program is null)
        {
            return;
        }

        var said = await _program.StandardError.ReadToEndAsync(cancellationToken);
        await _program.WaitForExitAsync(cancellationToken);
        if (_program.ExitCode != 0)
        {
            throw new WrongInputException($"unpacking {_file}: {said.Trim()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync();
        if (_program is null)
        {
            return;
        }

        try
        {
            if (!_program.HasExited)
            {
                _program.Kill();
            }
        }
        catch (InvalidOperationException)
        {
            // It ended by itself just now.
        }

        _program.Dispose();
    }

    private static Unpacked Through(string program, string file)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-dc");
        start.ArgumentList.Add("--");
        start.ArgumentList.Add(file);
        try
        {
            var running = Process.Start(start) ?? throw new WrongInputException($"{file} is compressed with {program}, which could not be started");
            return new Unpacked(file, running.StandardOutput.BaseStream, running);
        }
        catch (Win32Exception)
        {
            throw new WrongInputException($"{file} is compressed with {program}: install the program {program} (Debian: apt-get install {(program == "xz" ? "xz-utils" : program)}), or unpack the file first");
        }
    }
}
