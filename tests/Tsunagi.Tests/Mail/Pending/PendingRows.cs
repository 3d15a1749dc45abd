using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Pending;
using Tsunagi.Tests.Mail.Quarantine;

namespace Tsunagi.Tests.Mail.Pending;

internal static class PendingRows
{
    public static async Task<IReadOnlyList<PendingRow>> EventuallyOfControlAsync(this MailNode node, string message, int count)
    {
        for (var attempt = 0; ; attempt++)
        {
            var rows = await node.Services.GetRequiredService<PendingBook>().OfMessageAsync(HeldMail.Operator.Caller, message, TestContext.Current.CancellationToken);
            if (rows.Count == count)
            {
                return rows;
            }

            Assert.True(attempt < 3_000, $"{rows.Count} of {count} rows after a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
