using System.Globalization;

namespace Tsunagi.Host.Demo;

/// <summary>
/// The demo's line of commands: 1 to 5 are the steps of the tour, "all" is all of them; stop, start, kill, pause and resume do by hand what the tour does, "attack" and "calm" begin and end an attack on a customer;
/// "q" or Ctrl-C ends. Works as well from a pipe.
/// </summary>
internal sealed class DemoPrompt(DemoTour tour, DemoServer server, DemoTraffic traffic, DemoDefence defence, DemoScreen screen, TimeProvider time)
{
    private static readonly TimeSpan SummaryEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestWithin = TimeSpan.FromSeconds(40);
    private IDisposable? _pause;

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
        switch (line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            case []:
                break;
            case ["all"]:
                await TourAsync(Enumerable.Range(1, DemoTour.Titles.Count), cancellationToken);
                break;
            case [var word] when int.TryParse(word, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= DemoTour.Titles.Count:
                await TourAsync([number], cancellationToken);
                break;
            case ["stop" or "start", .. var rest] when traffic.CustomerOf(rest is [var key] ? key : null) is { } customer:
                await SwitchAsync(customer, line.StartsWith("start", StringComparison.Ordinal));
                break;
            case ["kill"]:
                screen.Killing(server.ProcessId);
                await server.KillAsync(cancellationToken);
                break;
            case ["pause"]:
                await PauseAsync(cancellationToken);
                break;
            case ["resume"]:
                Resume();
                screen.Resumed();
                break;
            case ["attack"]:
                screen.Learning(defence.UntilKnown);
                await defence.AttackAsync(cancellationToken);
                screen.Attacked();
                break;
            case ["calm"]:
                defence.Calm();
                screen.Calm();
                break;
            default:
                screen.Unknown(line);
                break;
        }
    }

    private async Task TourAsync(IEnumerable<int> steps, CancellationToken cancellationToken)
    {
        Resume();
        foreach (var step in steps)
        {
            using var quiet = screen.Busy(step);
            screen.Show(await tour.RunAsync(step, cancellationToken));
        }
    }

    private async Task SwitchAsync(DemoCustomer customer, bool on)
    {
        if (on)
        {
            traffic.Start(customer);
        }
        else
        {
            await traffic.StopAsync(customer);
        }

        screen.Switched(customer, on);
    }

    /// <summary>No new mail, and the counts once everything acknowledged has arrived.</summary>
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        _pause ??= traffic.Pause();
        var started = time.GetTimestamp();
        while ((traffic.Sending || traffic.Outstanding > 0) && time.GetElapsedTime(started) < RestWithin && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
        }

        screen.Counts();
    }

    private void Resume()
    {
        _pause?.Dispose();
        _pause = null;
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

    /// <summary>The live line, and a program that somebody killed is started again.</summary>
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
                    await StartAgainAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The demo ends.
        }
    }

    /// <summary>A start that fails is told and tried again: the demo goes on without its program rather than end without a word.</summary>
    private async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        screen.Restarting();
        try
        {
            await server.StartAsync(cancellationToken);
            screen.Restarted();
        }
        catch (IOException failed)
        {
            screen.NotRestarted(failed.Message);
        }
    }
}
