using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity;

/// <summary>The events of lines, access servers and addresses. Those of changes are told by ChangeRecorder, which adds the version to the act's name.</summary>
internal static class ConnectivityEvents
{
    public const string LineAdded = "connectivity.line.added";
    public const string LineChanged = "connectivity.line.changed";
    public const string LineEnded = "connectivity.line.ended";
    public const string PasswordSet = "connectivity.line.password-set";
    public const string NasAdded = "connectivity.nas.added";
    public const string NasChanged = "connectivity.nas.changed";
    public const string NasRemoved = "connectivity.nas.removed";
    public const string VrfAdded = "connectivity.vrf.added";
    public const string PrefixAdded = "connectivity.prefix.added";
    public const string PrefixChanged = "connectivity.prefix.changed";
    public const string PrefixRemoved = "connectivity.prefix.removed";
    public const string PoolAdded = "connectivity.pool.added";
    public const string PoolChanged = "connectivity.pool.changed";
    public const string PoolRemoved = "connectivity.pool.removed";
    public const string Assigned = "connectivity.address.assigned";
    public const string Released = "connectivity.address.released";
    public const string Grown = "connectivity.address.grown";
    public const string PoolLow = "connectivity.pool.low@1";
    public const string PoolExhausted = "connectivity.pool.exhausted@1";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(LineAdded + "@1", EventSeverity.Info, new("A line was set up.", "回線を開通登録しました。")),
        new(LineChanged + "@1", EventSeverity.Info, new("A line was changed.", "回線の設定を変更しました。")),
        new(LineEnded + "@1", EventSeverity.Notice, new("A line was ended: nobody connects by it any more, and its addresses rest before they are given again.", "回線を終了しました。接続できなくなり、アドレスは一定期間後に再利用されます。")),
        new(PasswordSet + "@1", EventSeverity.Notice, new("A line's password was set anew.", "回線のパスワードを再設定しました。")),
        new(NasAdded + "@1", EventSeverity.Notice, new("An access server was added: its requests are answered.", "アクセスサーバーを追加しました。")),
        new(NasChanged + "@1", EventSeverity.Notice, new("An access server was changed.", "アクセスサーバーの設定を変更しました。")),
        new(NasRemoved + "@1", EventSeverity.Notice, new("An access server was removed: its requests are not answered any more.", "アクセスサーバーを削除しました。以後の要求には応答しません。")),
        new(VrfAdded + "@1", EventSeverity.Info, new("A VRF was added to the plan of addresses.", "アドレス計画にVRFを追加しました。")),
        new(PrefixAdded + "@1", EventSeverity.Info, new("A prefix was added to the plan of addresses.", "アドレス計画にプレフィックスを追加しました。")),
        new(PrefixChanged + "@1", EventSeverity.Info, new("A prefix of the plan was changed.", "プレフィックスを変更しました。")),
        new(PrefixRemoved + "@1", EventSeverity.Notice, new("A prefix was taken out of the plan.", "プレフィックスを計画から外しました。")),
        new(PoolAdded + "@1", EventSeverity.Info, new("A pool of addresses was added.", "アドレスプールを追加しました。")),
        new(PoolChanged + "@1", EventSeverity.Info, new("A pool of addresses was changed.", "アドレスプールを変更しました。")),
        new(PoolRemoved + "@1", EventSeverity.Notice, new("A pool of addresses was removed.", "アドレスプールを削除しました。")),
        new(Assigned + "@1", EventSeverity.Info, new("An address or prefix was assigned.", "アドレスを割り当てました。")),
        new(Released + "@1", EventSeverity.Info, new("An address or prefix was given back; it rests before it is given again.", "アドレスを返却しました。一定期間後に再利用されます。")),
        new(Grown + "@1", EventSeverity.Info, new("A delegated prefix has grown where it is.", "委任プレフィックスを拡張しました。")),
        new(PoolLow, EventSeverity.Warning, new("A pool of addresses is running low.", "アドレスプールの残りが少なくなっています。"),
            new("See the pool's page for its use and when it ends; add a pool, or shorten the rest of what is given back.", "プールの画面で使用状況と枯渇予測を確認し、プールの追加や再利用待ち時間の短縮を検討してください。")),
        new(PoolExhausted, EventSeverity.Error, new("A pool of addresses is used up: a line or session was refused one.", "アドレスプールが枯渇し、割り当てできませんでした。"),
            new("Add a pool and name it in the plan, or release what is not used any more.", "プールを追加してプランに設定するか、不要な割り当てを返却してください。")),
    ];
}
