using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>`tsunagi demo` as a newcomer starts it, with what it printed for people: address and sign-ins. Ends with the class of tests.</summary>
public sealed partial class DemoProcess : IAsyncLifetime
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan AnswerDeadline = TimeSpan.FromSeconds(45);
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private Process _process = null!;

    public string Address { get; private set; } = "";

    public string Operator { get; private set; } = "";

    public IReadOnlyList<string> Customers { get; private set; } = [];

    public string Password { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "tsunagi-host");
        _process = Process.Start(new ProcessStartInfo(program, "demo") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("the demo does not start");
        var errors = _process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(StartDeadline, TimeProvider.System);
        var customers = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line && !line.Contains("The tour", StringComparison.Ordinal))
        {
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
            $"the demo did not print its address and sign-ins: {(errors.IsCompleted ? await errors : "")}");
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

    public async Task<IBrowserContext> OpenAsync(Chromium chromium, Variant variant)
    {
        var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
        await context.AddCookiesAsync(variant.CookiesFor(Address));
        return context;
    }

    public async Task SignInAsync(IPage page, string user)
    {
        await page.GotoAsync(Address + "/console");
        await page.WaitForURLAsync("**/sign-in?*");
        await page.Locator("input[name=email]").FillAsync(user);
        await page.Locator("input[name=password]").FillAsync(Password);
        await page.Locator("input[name=password]").PressAsync("Enter");
        await page.WaitForURLAsync(Address + "/console");
    }

    private async Task DrainAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
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
