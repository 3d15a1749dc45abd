using System.ComponentModel;
using System.Diagnostics;

namespace Tsunagi.Routing.Scrub;

/// <summary>Runs nft, here or wherever a scrubber's command reaches.</summary>
internal sealed class NftCommand(IReadOnlyList<string> command, TimeSpan deadline, TimeProvider time)
{
    private const int MostError = 400;

    /// <summary>Gives a transaction; null when the kernel took it, else why not.</summary>
    public async ValueTask<string?> ApplyAsync(string transaction, CancellationToken cancellationToken)
    {
        var (code, _, error) = await RunAsync(["-f", "-"], transaction, cancellationToken);
        return code == 0 ? null : Cut(error, code);
    }

    /// <summary>Asks whether a transaction would be taken; nothing is changed.</summary>
    public async ValueTask<string?> CheckAsync(string transaction, CancellationToken cancellationToken)
    {
        var (code, _, error) = await RunAsync(["-c", "-f", "-"], transaction, cancellationToken);
        return code == 0 ? null : Cut(error, code);
    }

    /// <summary>The table as it is; null with why when that cannot be told.</summary>
    public async ValueTask<(NftListing? Listing, string WhyNot)> ListAsync(CancellationToken cancellationToken)
    {
        var (code, output, error) = await RunAsync(["-j", "list", "table", "inet", NftTable.Name], "", cancellationToken);
        if (code == 1 && error.Contains("No such file or directory", StringComparison.Ordinal) && error.Contains(NftTable.Full, StringComparison.Ordinal))
        {
            return (NftListing.Absent, "");
        }

        return code != 0 ? (null, Cut(error, code)) : NftListing.Read(output) is { } listing ? (listing, "") : (null, "nft answered something else than its table in JSON");
    }

    private async ValueTask<(int Code, string Output, string Error)> RunAsync(IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception missing)
        {
            return (-1, "", $"{command[0]}: {missing.Message}");
        }

        try
        {
            var output = process.StandardOutput.ReadToEndAsync(both.Token);
            var error = process.StandardError.ReadToEndAsync(both.Token);
            await GiveAsync(process, input, both.Token);
            await process.WaitForExitAsync(both.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return (-1, "", FormattableString.Invariant($"{string.Join(' ', command)} took longer than {deadline.TotalSeconds:0.#} s"));
        }
    }

    private static async ValueTask GiveAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: what it said tells why.
        }
    }

    private static string Cut(string error, int code)
    {
        var line = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? FormattableString.Invariant($"it ended with {code}");
        return line.Length <= MostError ? line : line[..MostError];
    }
}
