using System.Globalization;

namespace Tsunagi.Host.Demo;

/// <summary>The demo's line of commands: 1 to 5 are the steps of the tour, "all" is all of them, "q" or Ctrl-C ends. Works as well from a pipe.</summary>
internal sealed class DemoPrompt(DemoTour tour, DemoServer server, DemoScreen screen, TimeProvider time)
{
    private static readonly TimeSpan SummaryEvery = TimeSpan.FromSeconds(1);

    public async Task RunAsync(TextReader input, CancellationTokenSource stop)
    {
        using var summary = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var showing = ShowAsync(summary.Token);
        while (!stop.IsCancellationRequested)
        {
            var line = await ReadAsync(input, stop.Token);
            if (line is "q" or "quit" or "exit")
            {
                break;
            }

            await DoAsync(line, stop.Token);
        }

        await summary.CancelAsync();
        await showing;
    }

    private async Task DoAsync(string line, CancellationToken cancellationToken)
    {
        var steps = line switch
        {
            "all" => Enumerable.Range(1, DemoTour.Titles.Count),
            _ when int.TryParse(line, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= DemoTour.Titles.Count => [number],
            _ => [],
        };
        if (line.Length > 0 && !steps.Any())
        {
            screen.Unknown(line);
        }

        foreach (var step in steps)
        {
            using var quiet = screen.Busy(step);
            screen.Show(await tour.RunAsync(step, cancellationToken));
        }
    }

    /// <summary>A closed input is no wish to end: the demo then runs until it is signalled.</summary>
    private static async Task<string> ReadAsync(TextReader input, CancellationToken cancellationToken)
    {
        try
        {
            if (await Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(cancellationToken) is { } line)
            {
                return line.Trim();
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return "q";
        }
        catch (OperationCanceledException)
        {
            return "q";
        }
    }

    /// <summary>The live line, and a program that somebody else killed is started again.</summary>
    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(SummaryEvery, time, cancellationToken);
                screen.Summary();
                if (!server.IsRunning && !screen.IsBusy)
                {
                    screen.Restarting();
                    await server.StartAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The demo ends.
        }
    }
}
