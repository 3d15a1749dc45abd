using System.Diagnostics;

namespace Tsunagi.Scenarios.Demo;

/// <summary>The demo as a newcomer starts it: the program's own process, its five steps, and nothing left behind.</summary>
public class The_tour
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(150);

    [Fact]
    public async Task All_five_steps_check_themselves_and_nothing_is_left_behind()
    {
        // Its own directory for temporary files: another test's demo may run beside it.
        var temporary = Directory.CreateTempSubdirectory("tsunagi-tour-");
        using var stop = new CancellationTokenSource(Deadline, TimeProvider.System);
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "tsunagi-host"), ["demo"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["TMPDIR"] = temporary.FullName },
        };
        using var demo = Process.Start(start)!;
        try
        {
            var errors = demo.StandardError.ReadToEndAsync(stop.Token);
            var lines = new List<string>();
            await ReadUntilAsync(demo, errors, lines, static line => line.Contains("    5  ", StringComparison.Ordinal), stop.Token);
            await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, stop.Token);
            await demo.StandardInput.WriteLineAsync("all");
            await demo.StandardInput.FlushAsync(stop.Token);
            await ReadUntilAsync(demo, errors, lines, static line => line.StartsWith("  ✓ 5", StringComparison.Ordinal) || line.StartsWith("  ✗ 5", StringComparison.Ordinal), stop.Token);
            await demo.StandardInput.WriteLineAsync("q");
            await demo.StandardInput.FlushAsync(stop.Token);
            await ReadUntilAsync(demo, errors, lines, static line => line.StartsWith("the demo is over", StringComparison.Ordinal), stop.Token);
            await demo.WaitForExitAsync(stop.Token);

            Assert.DoesNotContain(lines, static line => line.Contains('✗'));
            for (var step = 1; step <= 5; step++)
            {
                Assert.Contains(lines, line => line.StartsWith($"  ✓ {step}", StringComparison.Ordinal));
            }

            Assert.Equal("", await errors);
            Assert.Empty(temporary.GetDirectories());
        }
        finally
        {
            if (!demo.HasExited)
            {
                demo.Kill(entireProcessTree: true);
            }

            temporary.Delete(recursive: true);
        }
    }

    private static async Task ReadUntilAsync(Process process, Task<string> errors, List<string> lines, Func<string, bool> last, CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            lines.Add(line);
            if (last(line))
            {
                return;
            }
        }

        Assert.Fail("the demo ended early:\n" + string.Join('\n', lines) + "\n" + await errors);
    }
}
