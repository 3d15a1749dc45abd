using System.Buffers;
using System.Text.Json;
using Tsunagi.Protocols.Mail.Dkim2;

namespace Tsunagi.Mail.Conformance;

/// <summary>
/// Runs a suite in the format of mail-auth's resources/dkim2: cases.json names messages in "expected" beside it, with envelope, time and the state wanted;
/// dns.json beside it holds the keys. A case that is not strict has paths without brackets, as early signers wrote them; a time of 0 judges no times.
/// </summary>
internal static class Dkim2Suite
{
    public static async Task<IReadOnlyList<SuiteCase>> RunAsync(string file, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        try
        {
            using var zone = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "dns.json"), cancellationToken));
            using var suite = JsonDocument.Parse(await File.ReadAllBytesAsync(file, cancellationToken));
            var dns = ZoneFile.From(Records(zone.RootElement));
            var cases = new List<SuiteCase>();
            foreach (var one in suite.RootElement.EnumerateArray())
            {
                cases.Add(await RunAsync(one, folder, dns, cancellationToken));
            }

            return cases;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IOException)
        {
            throw new FormatException("this is no suite of DKIM2: " + e.Message, e);
        }
    }

    private static async Task<SuiteCase> RunAsync(JsonElement one, string folder, ZoneFile dns, CancellationToken cancellationToken)
    {
        var message = await File.ReadAllBytesAsync(Path.Combine(folder, "expected", one.GetProperty("file").GetString()!), cancellationToken);
        var now = one.GetProperty("now").GetInt64();
        var result = await Dkim2Verification.VerifyAsync(
            new ReadOnlySequence<byte>(WithLineEnds(message)),
            new Dkim2Envelope(one.GetProperty("mail_from").GetString()!, [.. one.GetProperty("rcpt_to").EnumerateArray().Select(static r => r.GetString()!)]),
            dns,
            now == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(now),
            new Dkim2Options { NeedsBrackets = one.GetProperty("strict").GetBoolean() },
            cancellationToken);
        var wanted = one.GetProperty("expected").GetString()!;
        var got = result.Verdict.ToString().ToLowerInvariant();
        return new SuiteCase(one.GetProperty("name").GetString()!, got == wanted, wanted, got, result.Reason);
    }

    // domain -> name -> [[type, text]]
    private static IEnumerable<(string Name, string Type, string Value)> Records(JsonElement zone) =>
        zone.EnumerateObject().SelectMany(static domain => domain.Value.EnumerateObject().SelectMany(name => name.Value.EnumerateArray()
            .Select(record => ($"{name.Name}.{domain.Name}", record[0].GetString()!.ToUpperInvariant(), record[1].GetString()!))));

    private static byte[] WithLineEnds(byte[] message) => message.AsSpan().IndexOf("\r\n"u8) >= 0
        ? message
        : System.Text.Encoding.Latin1.GetBytes(System.Text.Encoding.Latin1.GetString(message).Replace("\n", "\r\n", StringComparison.Ordinal));
}
