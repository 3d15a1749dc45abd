using System.Collections.Concurrent;
using System.Diagnostics;
using Tsunagi.Core.Logs;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Meters;
using Tsunagi.Tests.Mail.Delivery;

namespace Tsunagi.Tests.Mail.Meters;

[Collection(nameof(Mail_spans))]
public sealed class Mail_spans
{
    [Fact]
    public async Task A_messages_way_is_one_trace_under_its_own_id()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == MailTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var customer = new CustomerServer();
        await using var node = await Delivery_of_mail.NodeAsync(customer.Port);
        var id = await Delivery_of_mail.SendAsync(node, "b@one.example");
        await Delivery_of_mail.StateAsync(node, id, "delivered");
        Assert.True(SpoolId.TryParse(id, out var spoolId));
        var mine = await node.SoonAsync(() => ended.Where(span => span.TraceId == MailTracing.TraceIdOf(spoolId)).ToList(), static spans => spans.Count == 3);
        Assert.Equal([MailTracing.Accept, MailTracing.Attempt, MailTracing.Store], mine.Select(static span => span.OperationName).Order(StringComparer.Ordinal));
        Assert.All(mine, span => Assert.Equal(id, span.GetTagItem(MailTracing.Message)));
        Assert.Equal("delivered", mine.Single(static span => span.OperationName == MailTracing.Attempt).GetTagItem(MailTracing.Outcome));
        Assert.DoesNotContain(mine.SelectMany(static span => span.TagObjects), static tag => tag.Value is string text && text.Contains('@', StringComparison.Ordinal));
    }

    [Fact]
    public void While_nobody_listens_a_span_costs_no_allocation()
    {
        Assert.SkipWhen(new ActivitySource(MailTracing.SourceName).HasListeners(), "another test listens at this moment");
        var id = SpoolId.New(TimeProvider.System);
        var hop = new NextHop("a", 25);
        MailTracing.StartAttempt(id, hop)?.Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            MailTracing.StartAccept(id, 1)?.Dispose();
            MailTracing.StartStore(id)?.Dispose();
            MailTracing.StartAttempt(id, hop)?.Dispose();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
