using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using Rollcall.Addresses;
using Rollcall.Data;
using Rollcall.Model;
using Rollcall.Operations;
using Rollcall.Web;

namespace Rollcall.Users.Edit;

/// <summary>What the form was opened with, and what was entered: the check before saving tells whether someone else was faster.</summary>
internal sealed record Change(Details Before, Details After);

/// <summary>The form of changing a user's name and email address. Continue keeps the answers in a draft and goes to <see cref="CheckChangesModel"/>.</summary>
internal sealed class ChangeDetailsModel(Db db, Drafts drafts, ChangeDetails changeDetails, Current current) : PageModel
{
    public Member Member { get; private set; } = null!;
    public PersonalDetails Person { get; private set; } = new();
    public (bool Name, bool Email) May { get; private set; }
    public string Back { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(
        [FromRoute] Guid userId,
        [FromRoute] Guid? draftId,
        CancellationToken cancellation
    )
    {
        if (await RefusedAsync(userId, draftId, cancellation) is { } refused)
        {
            return refused;
        }

        var (draft, change) = await OpenAsync(userId, draftId, cancellation);
        if (draftId is not null && draft is not { CompletedAt: null })
        {
            return Redirect(
                draft is null
                    ? Links.EditUser(current.Organisation.Id, userId)
                    : Links.User(current.Organisation.Id, userId)
            );
        }

        Person = new()
        {
            FirstName = change.After.FirstName,
            LastName = change.After.LastName,
            Email = change.After.Email,
        };
        if (draft is not null)
        {
            await CheckAsync(change.Before, cancellation);
        }

        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromRoute] Guid userId,
        [FromRoute] Guid? draftId,
        [FromForm(Name = "")] PersonalDetails person,
        CancellationToken cancellation
    )
    {
        if (await RefusedAsync(userId, draftId, cancellation) is { } refused)
        {
            return refused;
        }

        var (draft, change) = await OpenAsync(userId, draftId, cancellation);
        var before = change.Before;
        Person = person;
        if (!May.Name) // whatever was posted
        {
            (person.FirstName, person.LastName) = (before.FirstName, before.LastName);
        }

        if (!May.Email)
        {
            person.Email = before.Email;
        }

        await CheckAsync(before, cancellation);
        if (!ModelState.IsValid)
        {
            return Page();
        }

        var after = new Details(person.FirstName, person.LastName, person.Email!);
        if (after == before)
        {
            return Redirect(Links.User(current.Organisation.Id, userId));
        }

        if (draft is { CompletedAt: null })
        {
            await drafts.ChangeAsync(draft, new Change(before, after), cancellation);
        }
        else
        {
            draftId = await drafts.StartAsync(new Change(before, after), userId, cancellation);
        }

        return Redirect(Links.CheckEditedUser(current.Organisation.Id, userId, draftId!.Value));
    }

    private async Task<IActionResult?> RefusedAsync(Guid userId, Guid? draftId, CancellationToken cancellation)
    {
        if (await Member.FindAsync(db, current.Organisation.Id, userId, cancellation) is not { } member)
        {
            return NotFound();
        }

        (Member, May) = (
            member,
            await changeDetails.MayAsync(
                current.Viewer,
                current.Console,
                member.Account,
                member.Membership,
                member.BelongsElsewhere,
                cancellation
            )
        );
        Back = draftId is null
            ? Links.User(current.Organisation.Id, userId)
            : Links.CheckEditedUser(current.Organisation.Id, userId, draftId.Value);
        return May is (false, false) ? StatusCode(StatusCodes.Status403Forbidden) : null;
    }

    private async Task<(Draft? Draft, Change Change)> OpenAsync(
        Guid userId,
        Guid? draftId,
        CancellationToken cancellation
    ) =>
        draftId is { } id && await drafts.OpenAsync<Change>(id, userId, cancellation) is var (draft, change)
            ? (draft, change)
            : (null, new(Details.Of(Seen), Details.Of(Seen)));

    /// <summary>Support changes the person's own record; an admin what the organisation knows of them.</summary>
    private User Seen => current.Viewer.IsSupport ? Member.Account : Member.User;

    private async Task CheckAsync(Details before, CancellationToken cancellation)
    {
        Person.Check(ModelState, current.Options.BlockedEmailDomains);
        // Someone who was invited by address alone may stay without a name.
        if (
            before is { FirstName: null, LastName: null }
            && string.IsNullOrWhiteSpace(Person.FirstName + Person.LastName)
        )
        {
            ModelState.Remove(nameof(Person.FirstName));
            ModelState.Remove(nameof(Person.LastName));
            (Person.FirstName, Person.LastName) = (null, null);
        }
        if (Person.Email == before.Email)
        {
            ModelState.Remove(nameof(Person.Email)); // not this change's business, and perhaps not even a field of this form
            return;
        }
        // What decides is the unique index, at the end; this says it early. An admin learns only of the organisation's own people.
        var here =
            current.Viewer.IsSupport || Member.User.RegisteredAt is not null ? (Guid?)null : current.Organisation.Id;
        if (
            EmailAddress.TryParse(Person.Email, out var email)
            && await db.Users.AnyAsync(
                u =>
                    u.EmailKey == email.Key
                    && u.Id != Member.User.Id
                    && (
                        here == null
                        || db.Memberships.Any(m => m.UserId == u.Id && m.OrganisationId == here && m.RemovedAt == null)
                    ),
                cancellation
            )
        )
        {
            ModelState.AddModelError(nameof(Person.Email), EmailAddress.InUse);
        }
    }
}
