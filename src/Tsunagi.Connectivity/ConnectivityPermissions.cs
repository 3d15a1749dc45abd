using Tsunagi.Core.Modules;

namespace Tsunagi.Connectivity;

/// <summary>What the routes and pages of connectivity ask for.</summary>
internal static class ConnectivityPermissions
{
    public const string LineRead = "connectivity.line.read";
    public const string LineWrite = "connectivity.line.write";
    public const string LinePassword = "connectivity.line.password";
    public const string NasRead = "connectivity.nas.read";
    public const string NasWrite = "connectivity.nas.write";
    public const string AddressRead = "connectivity.address.read";
    public const string AddressWrite = "connectivity.address.write";
    public const string HolderRead = "connectivity.holder.read";
    public const string SessionRead = "connectivity.session.read";
    public const string SessionWrite = "connectivity.session.write";
    public const string ProbeWrite = "connectivity.probe.write";
    public const string SlaWrite = "connectivity.sla.write";
    public const string ImportWrite = "connectivity.import.write";

    public static readonly IReadOnlyList<PermissionDeclaration> All =
    [
        new(LineRead, new("See lines", "回線の閲覧")),
        new(LineWrite, new("Set up, change and end lines of those one provides for", "回線の追加、変更、終了(提供者のみ)")),
        new(LinePassword, new("Set a line's password anew", "回線パスワードの再設定")),
        new(NasRead, new("See the access servers (NAS)", "アクセスサーバー(NAS)の閲覧"), OperatorOnly: true),
        new(NasWrite, new("Add, change and remove access servers (NAS)", "アクセスサーバー(NAS)の追加、変更、削除"), OperatorOnly: true),
        new(AddressRead, new("See prefixes, pools and assignments", "プレフィックス、プール、割り当ての閲覧")),
        new(AddressWrite, new("Plan prefixes and pools, assign and release addresses", "プレフィックスとプールの管理、アドレスの割り当てと返却"), OperatorOnly: true),
        new(HolderRead, new("Ask who held an address; each question is kept with its purpose", "アドレス使用者の照会(目的とともに記録)"), OperatorOnly: true, OpensContent: true),
        new(SessionRead, new("See sessions, their usage, and leases of DHCP", "セッション、利用量、DHCPリースの閲覧")),
        new(SessionWrite, new("Disconnect and change sessions", "セッションの切断と変更"), OperatorOnly: true),
        new(ProbeWrite, new("Set and remove probes of lines", "回線のプローブの設定と削除"), OperatorOnly: true),
        new(SlaWrite, new("Announce maintenance, report outages and say whose doing they were", "メンテナンスの告知、障害の報告と原因の判定"), OperatorOnly: true),
        new(ImportWrite, new("Import lines, access servers and addresses of another system", "他システムからの取り込み"), OperatorOnly: true),
    ];
}
