using System.Text;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Protocols.Flow.Taxii;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// Objects that a client adds to a collection of ours: what passes the gate of the group is written for its other readers and taken in as from a peer of that name; what does not is refused by name. TLP:RED is not
/// taken: it was not meant to be handed on.
/// </summary>
internal sealed class TaxiiInbox(Stores stores, CollectionStore collections, Intake intake, ShareDesk desk, TimeProvider time)
{
    public async ValueTask<TaxiiStatus> TakeAsync(TaxiiAsker asker, SharingGroup group, StixBundle content, DateTimeOffset asked, CancellationToken cancellationToken)
    {
        var released = Released.Through(content.Objects, group.Audience);
        var warnings = await desk.WarningsAsync(cancellationToken);
        var id = Guid.NewGuid().ToString("D");
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                var added = await collections.AddAsync(transaction, group, released, asker.Name);
                await intake.TakeAsync(transaction, asker.Name, group, [.. added.Where(static each => each.IsNew).Select(static each => each.Object)], warnings);
                var status = new TaxiiStatus(
                    id, IsComplete: true, asked,
                    [.. added.Where(static each => each.Why is null).Select(each => new TaxiiStatusDetail(each.Object.Id.ToString(), each.Object.Version ?? asked, null))],
                    [
                        .. content.Refused.Select(refused => new TaxiiStatusDetail(refused.Object, asked, refused.Problem)), .. Withheld(content, released, asked),
                        .. added.Where(static each => each.Why is not null).Select(each => new TaxiiStatusDetail(each.Object.Id.ToString(), each.Object.Version ?? asked, each.Why)),
                    ],
                    []);
                await transaction.ExecuteAsync(
                    "INSERT INTO ddos_taxii_status (id, asker, at, content) VALUES (@Id, @Asker, @At, @Content)",
                    new { Id = id, Asker = asker.Id, At = time.NowMicros(), Content = Encoding.UTF8.GetString(TaxiiWriter.Write(status)) });
                return status;
            },
            cancellationToken);
    }

    private static IEnumerable<TaxiiStatusDetail> Withheld(StixBundle content, Released released, DateTimeOffset asked)
    {
        var versions = content.Objects.ToLookup(static each => each.Id.ToString(), static each => each.Version);
        return released.Withheld.Select(withheld => new TaxiiStatusDetail(withheld.Id, versions[withheld.Id].FirstOrDefault() ?? asked, withheld.Why));
    }
}
