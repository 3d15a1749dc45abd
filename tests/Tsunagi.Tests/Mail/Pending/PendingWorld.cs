using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Mail;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Mail.Submission;

namespace Tsunagi.Tests.Mail.Pending;

/// <summary>A customer with a device, a smarthost, and a policy by which sent mail waits.</summary>
internal sealed class PendingWorld : IAsyncDisposable
{
    private static readonly PendingActor Owner = new(SubmissionNode.Owner, null);

    private PendingWorld(SubmissionNode submission) => Submission = submission;

    public SubmissionNode Submission { get; }

    public MailNode Node => Submission.Node;

    /// <summary>Where mail for others leaves.</summary>
    public CustomerServer Smarthost => Submission.Smarthost;

    /// <summary>Where the senders' own mail goes: notices and reports.</summary>
    public CustomerServer Customer => Submission.Customer;

    public PendingDesk Desk => Node.Services.GetRequiredService<PendingDesk>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<PendingWorld> StartAsync(PendingPolicy? policy = null, Func<MailOptions, MailOptions>? options = null)
    {
        var world = new PendingWorld(await SubmissionNode.StartAsync(given => (options ?? (static same => same))(given with
        {
            Delivery = given.Delivery with { FirstRetry = TimeSpan.FromMilliseconds(100), LongestRetry = TimeSpan.FromMilliseconds(200), FirstProbe = TimeSpan.FromMilliseconds(100), LongestProbe = TimeSpan.FromMilliseconds(200) },
        })));
        await world.SetAsync("tenant", "", policy ?? new PendingPolicy { Minutes = 10, Notice = false });
        return world;
    }

    public async Task SetAsync(string scope, string name, PendingPolicy policy)
    {
        var put = await Node.Services.GetRequiredService<PolicyBook>().PutAsync(SubmissionNode.Owner, "t_one", scope, name, new FilterPolicy { Pending = policy }, null, Cancel);
        Assert.True(put.Ok, put.Refusal?.Message);
        await Node.Services.GetRequiredService<PolicyWatch>().LoadAsync(Cancel);
    }

    /// <summary>The device sends; the ids in the 250, in their order.</summary>
    public async Task<IReadOnlyList<string>> SendAsync(string from, params string[] to)
    {
        await using var client = await Submission.LetInAsync();
        Assert.StartsWith("250", await client.SayAsync($"MAIL FROM:<{from}>"), StringComparison.Ordinal);
        foreach (var recipient in to)
        {
            Assert.StartsWith("250", await client.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        }

        Assert.StartsWith("354", await client.SayAsync("DATA"), StringComparison.Ordinal);
        var reply = await client.SayAsync($"From: {SubmissionNode.User}\r\nSubject: the offer\r\nMessage-ID: <o@one.example>\r\n\r\nThe offer.\r\n.");
        Assert.StartsWith("250 2.0.0 Accepted as ", reply, StringComparison.Ordinal);
        return [.. reply["250 2.0.0 Accepted as ".Length..].Trim().Split(", ")];
    }

    public async Task<IReadOnlyList<PendingRow>> RowsAsync(string message, Func<IReadOnlyList<PendingRow>, bool> until)
    {
        var book = Node.Services.GetRequiredService<PendingBook>();
        for (var attempt = 0; ; attempt++)
        {
            var rows = await book.OfMessageAsync(SubmissionNode.Owner, message, Cancel);
            if (until(rows))
            {
                return rows;
            }

            Assert.True(attempt < 3_000, $"still {string.Join(", ", rows.Select(static row => $"{row.Recipient} {row.State} {row.Carried}"))} after a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    public Task<IReadOnlyList<PendingRow>> RowsAsync(string message, int count) => RowsAsync(message, rows => rows.Count == count);

    public async Task DecideAsync(PendingRow row, string state)
    {
        var outcome = state == PendingState.Sent ? await Desk.SendAsync(Owner, row.Id, Cancel) : await Desk.CancelAsync(Owner, row.Id, Cancel);
        Assert.True(outcome.Ok, outcome.Refusal?.Message);
    }

    /// <summary>Its time has come: nobody waits for minutes in a test.</summary>
    public static ValueTask<int> MakeDueAsync(Stores stores, string message) => stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync("UPDATE mail_pending SET due_at = 0 WHERE message_id = @Message", new { Message = message }), Cancel);

    public ValueTask<int> MakeDueAsync(string message) => MakeDueAsync(Node.Stores, message);

    /// <summary>The trace's word for each recipient, in the order of the envelope.</summary>
    public Task<IReadOnlyList<string>> FatesAsync(string message, params string[] expected) => FatesAsync(Node, message, expected);

    public static Task<IReadOnlyList<string>> FatesAsync(MailNode node, string message, params string[] expected) => node.EventuallyAsync(
        reader => reader.QueryAsync<string>("SELECT state FROM mail_recipient WHERE message_id = @Id ORDER BY position", new { Id = message }), states => states.SequenceEqual(expected));

    public static string TextOf(Tsunagi.Mail.Try.ReceivedMessage message) => Encoding.UTF8.GetString(message.Content.Span);

    public ValueTask DisposeAsync() => Submission.DisposeAsync();
}
