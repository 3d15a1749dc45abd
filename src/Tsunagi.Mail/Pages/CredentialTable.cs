using Tsunagi.Core.Modules;
using Tsunagi.Mail.Submission;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Mail.Pages;

/// <summary>Credentials of devices and users that hand mail in, newest first.</summary>
internal sealed class CredentialTable(CredentialDesk desk) : Table<Credential>
{
    public override LocalizedText Title => new("Sending devices", "送信機器");

    public override string Permission => MailPermissions.CredentialRead;

    public override LocalizedText FilterHint => new("User name or label, whole", "ユーザー名または表示名(完全一致)");

    public override LocalizedText Empty => new("No device hands mail in yet", "送信用の認証情報はまだありません");

    public override LocalizedText EmptyHint => new("Make a credential for each device: it can be revoked alone.", "機器ごとに認証情報を発行すると、個別に失効できます。");

    public override IReadOnlyList<Column<Credential>> Columns =>
    [
        Cell("name", new("Device", "機器"), static row => row.UserName, static (row, _) => Cells.TwoLines(Cells.Link($"/console/mail/credentials/{row.Id}", row.Label), row.Label == row.UserName ? "" : row.UserName)) with { Grows = true },
        Badge("state", new("State", "状態"), static row => row.RevokedAt > 0 ? "revoked" : row.PausedAt > 0 ? "paused" : "good", static (row, view) =>
            row.RevokedAt > 0 ? new(Tone.Neutral, view[new("Revoked", "失効")]) : row.PausedAt > 0 ? new(Tone.Bad, view[new("Paused", "停止中")]) : row.LastUsedAt == 0 ? new(Tone.Waiting, view[new("Never used", "未使用")]) : new(Tone.Good, view[new("Good", "有効")])),
        Cell("senders", new("May send as", "使用できる差出人"), static row => row.Senders, static (row, _) => Cells.Plain(string.Join(", ", row.SenderList.Take(3)) + (row.SenderList.Count > 3 ? $" +{row.SenderList.Count - 3}" : ""))) with { Minor = true },
        Time("used", new("Last used", "最終使用"), static row => row.LastUsedAt == 0 ? null : row.LastUsedAt, MomentForm.Relative),
        Text("from", new("From", "接続元"), static row => row.LastUsedFrom) with { Minor = true },
    ];

    public override async ValueTask<TablePage<Credential>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await desk.ListAsync(request.Caller, "", request.Filter ?? "", request.After ?? "mc_~", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<Credential>(rows) : new TablePage<Credential>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }
}
