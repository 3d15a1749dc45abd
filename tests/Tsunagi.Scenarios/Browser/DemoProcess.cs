using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>`tsunagi demo` as a newcomer starts it, with what it printed for people: address and sign-ins. Ends with the classes that share it (<see cref="SharedDemo"/>).</summary>
public sealed partial class DemoProcess : IAsyncLifetime
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan AnswerDeadline = TimeSpan.FromSeconds(45);
    private const int LinesKept = 30;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Queue<string> _last = [];
    private Process _process = null!;
    private Task<string> _errors = null!;

    public string Address { get; private set; } = "";

    public string Operator { get; private set; } = "";

    public IReadOnlyList<string> Customers { get; private set; } = [];

    public string Password { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "tsunagi-host");
        _process = Process.Start(new ProcessStartInfo(program, "demo") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("the demo does not start");
        _errors = _process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(StartDeadline, TimeProvider.System);
        var customers = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line && !line.Contains("The tour", StringComparison.Ordinal))
        {
            Keep(line);
            Address = Match(Console(), line) ?? Address;
            Operator = Match(OperatorLine(), line) ?? Operator;
            Password = Match(PasswordLine(), line) ?? Password;
            if (Match(CustomerLine(), line) is { } customer)
            {
                customers.Add(customer);
            }
        }

        Customers = customers;
        _ = DrainAsync();
        Assert.True(Address.Length > 0 && Operator.Length > 0 && Password.Length > 0 && customers.Count > 0,
            "the demo did not print its address and sign-ins: " + await StateAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process.HasExited)
        {
            return;
        }

        await _process.StandardInput.WriteLineAsync("q");
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Types a line at the demo's prompt and waits for the line that answers it.</summary>
    public async Task<string> SayAsync(string line, string answer)
    {
        while (_lines.Reader.TryRead(out _))
        {
            // What was said before is no answer to this.
        }

        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
            using var deadline = new CancellationTokenSource(AnswerDeadline, TimeProvider.System);
            while (true)
            {
                var heard = await _lines.Reader.ReadAsync(deadline.Token);
                if (heard.Contains(answer, StringComparison.Ordinal))
                {
                    return heard.Trim();
                }
            }
        }
        catch (Exception silent) when (silent is ChannelClosedException or OperationCanceledException or IOException)
        {
            throw new InvalidOperationException($"the demo did not answer \"{line}\" with \"{answer}\": {await StateAsync()}", silent);
        }
    }

    public async Task<IBrowserContext> OpenAsync(Chromium chromium, Variant variant)
    {
        var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
        await context.AddCookiesAsync(variant.CookiesFor(Address));
        return context;
    }

    public async Task SignInAsync(IPage page, string user)
    {
        await page.VisitAsync(Address + "/console");
        await page.ArriveAsync("**/sign-in?*");
        await page.Locator("input[name=email]").FillAsync(user);
        await page.Locator("input[name=password]").FillAsync(Password);
        await page.Locator("input[name=password]").PressAsync("Enter");
        await page.ArriveAsync(Address + "/console");
    }

    /// <summary>What a test that fails has to tell of the demo: whether it runs, how it ended, and what it last said.</summary>
    private async Task<string> StateAsync()
    {
        var ended = _process.HasExited;
        string last;
        lock (_last)
        {
            last = string.Join('\n', _last);
        }

        return $"{(ended ? $"it ended with code {_process.ExitCode}" : "it runs")}; it last said:\n{last}\n{(ended || _errors.IsCompleted ? await _errors : "")}";
    }

    private async Task DrainAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Keep(line);
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }

    private void Keep(string line)
    {
        lock (_last)
        {
            _last.Enqueue(line);
            if (_last.Count > LinesKept)
            {
                _last.Dequeue();
            }
        }
    }

    private static string? Match(Regex pattern, string line) => pattern.Match(line) is { Success: true } match ? match.Groups[1].Value.ToString(CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^\s*Console\s+(http://\S+)/console")]
    private static partial Regex Console();

    [GeneratedRegex(@"^\s*Operator\s+(\S+@\S+)")]
    private static partial Regex OperatorLine();

    [GeneratedRegex(@"^\s*Customer\s+(\S+@\S+)")]
    private static partial Regex CustomerLine();

    [GeneratedRegex(@"password\s+(\S+)$")]
    private static partial Regex PasswordLine();
}
