using Tsunagi.Core.Identity;
using Tsunagi.Core.Search;

namespace Tsunagi.Mail.Trace;

/// <summary>Messages in the one search box: by our id, by Message-ID, by recipient or sender.</summary>
internal sealed class MessageSearch(TraceStore trace) : ISearchSource
{
    public async ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken)
    {
        if (!caller.May(MailPermissions.TraceRead) || (!text.Contains('@', StringComparison.Ordinal) && !text.StartsWith("m_", StringComparison.Ordinal)))
        {
            return [];
        }

        var rows = await trace.ListAsync(caller, MessageFilter.Newest with { Text = text }, 20, cancellationToken);
        return [.. rows.Select(row => new SearchHit(
            "message", row.Id, $"{(row.Sender.Length == 0 ? "<>" : row.Sender)} → {row.FirstRecipient}", row.State, "/console/mail/messages/" + row.Id,
            row.Id == text || (row.MessageId.Length > 0 && row.MessageId == text.Trim('<', '>'))))];
    }
}
