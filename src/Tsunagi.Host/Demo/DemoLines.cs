using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Tsunagi.Connectivity.Try;

namespace Tsunagi.Host.Demo;

/// <summary>
/// The demo's access: (1) a plan of addresses with the pools that the file's plans name, (2) an access server, and a password for each line of the file, (3) sessions that come, use their line and go,
/// with a mistyped password now and then.
/// </summary>
internal sealed class DemoLines(DemoServer server, IReadOnlyList<string> userNames, TimeProvider time)
{
    private const string ServerName = "bras-demo";
    private const int ReportsPerSession = 60;
    private const int SessionsPerMistake = 3;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SetUpWithin = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string> _passwords = [];
    private string _secret = "";

    /// <exception cref="IOException">The program refused, or did not set the lines up in time.</exception>
    public async Task MakeAsync(DemoApi api, CancellationToken cancellationToken)
    {
        // (1)
        await api.PostAsync("/connectivity/prefixes", new { cidr = "198.51.100.0/24", rir = "JPNIC", role = "access" }, cancellationToken);
        await api.PostAsync("/connectivity/prefixes", new { cidr = "2001:db8:1000::/36", rir = "JPNIC", role = "delegation" }, cancellationToken);
        await api.PostAsync("/connectivity/pools", new { name = "home-v4", cidr = "198.51.100.0/25", partLength = 32, reserved = new[] { "198.51.100.0" } }, cancellationToken);
        await api.PostAsync("/connectivity/pools", new { name = "home-pd", cidr = "2001:db8:1000::/40", partLength = 56 }, cancellationToken);

        // (2)
        var made = await api.PostAsync("/connectivity/nas", new { name = ServerName, sources = new[] { "127.0.0.1" } }, cancellationToken);
        _secret = (string)made["secret"]!;
        foreach (var line in await LinesAsync(api, cancellationToken))
        {
            _passwords[(string)line["userName"]!] = (string)(await api.PutAsync($"/connectivity/lines/{line["id"]}/password", new { }, cancellationToken))["password"]!;
        }
    }

    /// <summary>(3) Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var bras = new TrialAccessServer(ServerName, new IPEndPoint(IPAddress.Loopback, server.AuthenticatePort), new IPEndPoint(IPAddress.Loopback, server.AccountPort), _secret, time);
        try
        {
            await Task.WhenAll(_passwords.Select((line, number) => UseAsync(bras, line.Key, line.Value, number, cancellationToken)));
        }
        catch (OperationCanceledException)
        {
            // The demo ends.
        }
    }

    private async Task UseAsync(TrialAccessServer bras, string userName, string password, int number, CancellationToken cancellationToken)
    {
        var station = $"02-00-5E-00-53-{number:X2}";
        for (var sessions = number; ; sessions++)
        {
            if (sessions % SessionsPerMistake == 0)
            {
                await bras.SignInAsync(userName, password + "x", station, cancellationToken);
            }

            if (await bras.SignInAsync(userName, password, station, cancellationToken) is { } session)
            {
                await LiveAsync(bras, session, cancellationToken);
            }

            await Task.Delay(ReportEvery, time, cancellationToken);
        }
    }

    private async Task LiveAsync(TrialAccessServer bras, TrialSession session, CancellationToken cancellationToken)
    {
        await bras.TellAsync(session, TrialReport.Start, cancellationToken);
        for (var report = 0; report < ReportsPerSession; report++)
        {
            await Task.Delay(ReportEvery, time, cancellationToken);
            session.OctetsIn += (ulong)RandomNumberGenerator.GetInt32(100_000, 4_000_000);
            session.OctetsOut += (ulong)RandomNumberGenerator.GetInt32(1_000_000, 50_000_000);
            await bras.TellAsync(session, TrialReport.Interim, cancellationToken);
        }

        await bras.TellAsync(session, TrialReport.Stop, cancellationToken);
    }

    /// <summary>The file's lines, once the program has set them all up and given them their addresses.</summary>
    private async Task<IReadOnlyList<JsonNode>> LinesAsync(DemoApi api, CancellationToken cancellationToken)
    {
        for (var started = time.GetTimestamp(); ; await Task.Delay(LookEvery, time, cancellationToken))
        {
            var there = ((JsonArray)(await api.GetAsync("/connectivity/lines", cancellationToken))["items"]!).Where(line => userNames.Contains((string?)line!["userName"]) && line!["v4"] is not null).ToList();
            if (there.Count == userNames.Count)
            {
                return there!;
            }

            if (time.GetElapsedTime(started) > SetUpWithin)
            {
                throw new IOException($"of {userNames.Count} lines {there.Count} were set up");
            }
        }
    }
}
