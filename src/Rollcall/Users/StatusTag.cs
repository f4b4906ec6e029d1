using Microsoft.AspNetCore.Html;
using Rollcall.Model;

namespace Rollcall.Users;

/// <summary>
/// A status as a GOV.UK tag. Made once and not a partial: a list draws fifty of them.
/// </summary>
internal static class StatusTag
{
    private static readonly IHtmlContent Active = Tag(MembershipStatus.Active, "green"),
        Inactive = Tag(MembershipStatus.Inactive, "grey"),
        Pending = Tag(MembershipStatus.Pending, "yellow"),
        Expired = Tag(MembershipStatus.Expired, "red");

    public static IHtmlContent For(MembershipStatus status) =>
        status switch
        {
            MembershipStatus.Active => Active,
            MembershipStatus.Inactive => Inactive,
            MembershipStatus.Pending => Pending,
            _ => Expired,
        };

    private static HtmlString Tag(MembershipStatus status, string colour) =>
        new($"<strong class=\"govuk-tag govuk-tag--{colour}\">{status}</strong>");
}
