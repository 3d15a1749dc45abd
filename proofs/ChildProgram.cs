using System.Diagnostics;

namespace Tsunagi.Proofs;

/// <summary>This very program, started again in a process of its own. It answers lines by lines that begin with a word, and ends when its input does.</summary>
internal sealed class ChildProgram : IDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(20);
    private readonly Process _process;

    private ChildProgram(Process process) => _process = process;

    public int Id => _process.Id;

    public static ChildProgram Start(params string[] arguments) =>
        new(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!);

    public async Task SayAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    /// <summary>The words of the next line that begins with one.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public async Task<string[]> ReadAsync(string word, CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Split(' ') is var words && words[0] == word)
            {
                return words;
            }
        }

        throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[0]} ended before it said '{word}'");
    }

    /// <summary>As a power cut would: nothing is written any more, nobody is told.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(LongestEnd))
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }
}
