using Tsunagi.Core.Disk;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Try;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Tests.Mail.Chaos;

/// <summary>What chaos is made of, in the lives on the crash disk and against real nodes alike: kinds of mail, a next hop with whims, and what the two witnesses are.</summary>
internal static class ChaosWorld
{
    public const string Welcome = "a@client.example";

    /// <summary>A sender whose mail the next hop refuses for good: it is returned.</summary>
    public const string Unwelcome = "refused@client.example";

    private const int IdLength = 28; // "m_" and 26 characters

    /// <summary>Sender and further header fields of the n-th message: one in six is returned, one in six held, the rest is delivered.</summary>
    public static (string Sender, string Fields) KindOf(int number) => (number % 6) switch
    {
        1 => (Unwelcome, ""),
        4 => (Welcome, "Subject: a second one\r\n"),
        _ => (Welcome, ""),
    };

    /// <summary>The tenant's policy holds what has a second subject.</summary>
    public static ValueTask<bool> HoldSomeAsync(Stores stores, string tenantPath) => stores.Control.WriteAsync(
        async transaction =>
        {
            await transaction.ExecuteAsync(
                """
                INSERT INTO mail_filter_policy (tenant_path, scope, name, version, policy, updated_at, updated_by)
                VALUES (@Path, 'tenant', '', 1, '{"tagOnly":false,"actions":{"header.duplicate-field":"quarantine"}}', 0, 'chaos') ON CONFLICT (tenant_path, scope, name) DO NOTHING
                """,
                new { Path = tenantPath });
            await transaction.ExecuteAsync("UPDATE mail_filter_version SET version = version + 1");
            return true;
        },
        CancellationToken.None);

    /// <summary>The lines that the receiver writes down of a message it takes: our id, which stands in our trace field, or, of a report, in its Message-ID; and a recipient.</summary>
    public static IEnumerable<string> ReceptionsOf(string text, IReadOnlyList<string> recipients)
    {
        var head = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        var (mark, after) = head.Contains("Message-ID: <m_", StringComparison.OrdinalIgnoreCase) ? ("Message-ID: <", 0) : (" id m_", -2);
        var at = head.IndexOf(mark, StringComparison.OrdinalIgnoreCase) + mark.Length + after;
        return recipients.Select(recipient => $"{head.Substring(at, IdLength)} {recipient}");
    }

    /// <summary>Every file of a journal's directory; what is no segment the check passes over.</summary>
    public static IReadOnlyList<byte[]> SegmentsOf(IDisk disk, string directory)
    {
        var files = new List<byte[]>();
        foreach (var name in disk.List(directory))
        {
            using var file = disk.Open(Path.Combine(directory, name), forWriting: false);
            var bytes = new byte[file.Length];
            files.Add(bytes[..file.Read(0, bytes)]);
        }

        return files;
    }

    /// <summary>A next hop that puts mail off, gives up connections, and comes and goes, all drawn from a seed, until it is told to be calm. One sender it never takes.</summary>
    internal sealed class Whims(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Lock _gate = new();

        public bool IsOn { get; set; }

        public SmtpReply? Answer(SmtpCommand command)
        {
            if (command.Verb == SmtpVerb.Mail && command.ReversePath.Mailbox?.LocalPart == "refused")
            {
                return new SmtpReply(550, new EnhancedStatus(5, 1, 8), "This sender is not taken here");
            }

            if (!IsOn)
            {
                return null;
            }

            int draw;
            lock (_gate)
            {
                draw = _random.Next(100);
            }

            return draw switch
            {
                < 4 => new SmtpReply(421, new EnhancedStatus(4, 3, 2), "Going down"),
                < 12 => new SmtpReply(451, new EnhancedStatus(4, 3, 0), "Not now"),
                < 15 => new SmtpReply(452, new EnhancedStatus(4, 3, 1), "No room"),
                _ => null,
            };
        }

        /// <summary>Stops and starts it, cutting what is under way, until cancelled; it is up when this returns.</summary>
        public async Task FlapAsync(SmtpReceiver receiver, CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Next(), TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await receiver.StopAsync();
                await Task.Delay(Next(), TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                receiver.Start();
            }
        }

        private TimeSpan Next()
        {
            lock (_gate)
            {
                return TimeSpan.FromMilliseconds(5 + _random.Next(60));
            }
        }
    }
}
