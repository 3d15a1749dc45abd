using Tsunagi.Core.Identity;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Content;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Trace;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Mail.Teach;

/// <summary>
/// "Spam" and "not spam", by whatever door it comes (console, API, a recipient's own page): (1) the message is found, if it is theirs to see; (2) its features are taken, unless they are known, from its content as it was stored, without our own
/// trace field; where the content is gone, that is said; (3) they are encrypted for the tenant, and the word is entered with audit and event in one transaction; (4) the tenant's model is made anew here, and by a hint on every other node. It shows nobody
/// anything of the content.
/// </summary>
internal sealed class TeachDesk(
    Stores stores, HeldDesk held, HeldBook heldBook, HeldBodies bodies, ContentDesk content, TaughtBook book, TenantModels models, ISecretBox secrets, Node node, FilterOptions options)
{
    /// <summary>Who says something, as it is kept: a person's word about a message stands once.</summary>
    public static string PersonOf(HeldActor who) => who.Recipient ?? who.Caller.ActorId;

    public async ValueTask<Outcome<Taught>> OfHeldAsync(HeldActor who, string id, bool isSpam, CancellationToken cancellationToken)
    {
        // (1)
        if (await held.FindAsync(who, id, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("held message", id);
        }

        if (who.IsRecipient && !RecipientRights.MayTeach(held.SettingsOf(row), row.Class))
        {
            return new Refusal(RefusalKind.Forbidden, "mail.classifier.not-yours", $"what a message held as {row.Class} is, an administrator says");
        }

        return await SayAsync(who, row.TenantPath, row.MessageId, isSpam, () => OfHeldAsync(row, cancellationToken), cancellationToken);
    }

    /// <summary>Of a message in the trace: from the spool while it is there, else from a copy in the quarantine.</summary>
    public async ValueTask<Outcome<Taught>> OfMessageAsync(Caller caller, string message, bool isSpam, CancellationToken cancellationToken)
    {
        // (1)
        if (await new TenantStore(stores.Projections, caller.Scope).FirstOrDefaultAsync<MessageRow>(TraceStore.ById, new { Id = message }, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("message", message);
        }

        return await SayAsync(
            new HeldActor(caller, null), row.TenantPath, message, isSpam,
            async () => content.ReadHere(message, options.MaxScanBytes) is { } here
                ? here
                : (await heldBook.OfMessageAsync(caller, message, cancellationToken)).FirstOrDefault() is { } copy ? await OfHeldAsync(copy, cancellationToken) : null,
            cancellationToken);
    }

    /// <summary>What a person said of a message that was found in the own part of the tree.</summary>
    public ValueTask<bool?> WordOfAsync(HeldActor who, string tenantPath, string message, CancellationToken cancellationToken) =>
        book.WordOfAsync(tenantPath, message, PersonOf(who), cancellationToken);

    private async ValueTask<Outcome<Taught>> SayAsync(
        HeldActor who, string tenantPath, string message, bool isSpam, Func<ValueTask<ReadOnlyMemory<byte>?>> read, CancellationToken cancellationToken)
    {
        // (2)
        string? vector = null;
        if (!await book.KnowsAsync(tenantPath, message, cancellationToken) && await read() is { } octets)
        {
            // (3)
            var tokens = new MessageTokens();
            tokens.Read(WithoutOwnTrace(octets.Span));
            vector = Convert.ToBase64String(await secrets.ProtectAsync(tenantPath, TaughtBook.Purpose, FeatureVector.Of(tokens, options.TaughtFeatures).ToBytes(), cancellationToken));
        }

        // Without features and without an example of before nothing was entered.
        if (await book.SayAsync(who.Caller, PersonOf(who), tenantPath, message, isSpam, vector, cancellationToken) is not { } taught)
        {
            return Gone(message);
        }

        // (4)
        await models.LoadAsync(cancellationToken);
        return taught;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> OfHeldAsync(HeldRow row, CancellationToken cancellationToken)
    {
        if (row.Node != node.Name || (!HeldState.NeedBody.Contains(row.State) && !row.IsKept) || !SpoolId.TryParse(row.MessageId, out var id))
        {
            return null;
        }

        try
        {
            using var body = await bodies.OpenAsync(id, row.TenantPath, row.Class, cancellationToken);
            var bytes = new byte[(int)Math.Min(row.Size, options.MaxScanBytes)];
            var length = 0;
            while (length < bytes.Length && body.Read(bytes.AsSpan(length)) is > 0 and var count)
            {
                length += count;
            }

            return bytes.AsMemory(0, length);
        }
        catch (Exception lost) when (lost is HeldContentLostException or IOException)
        {
            return null;
        }
    }

    // The first field is the one we wrote when it came, which the checks had not seen.
    private static ReadOnlySpan<byte> WithoutOwnTrace(ReadOnlySpan<byte> content)
    {
        var reader = new HeaderReader(content);
        if (!reader.Read() || !reader.Field.Is("Received"u8))
        {
            return content;
        }

        return reader.Read() || reader.Offset > 0 ? content[reader.Offset..] : content;
    }

    private static Refusal Gone(string message) => Refusal.Conflict(
        "mail.classifier.gone", $"the content of {message} is not on this node: it was delivered or deleted and is no longer kept, or another node keeps it; nothing can be learned from it");
}
