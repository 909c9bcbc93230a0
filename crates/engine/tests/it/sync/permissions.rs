//! One right less: for each single permission, resource and role that an owner holds, the data sets that the simulator's
//! table of rights names are not permitted or partial by right, nothing is swept away, and nothing else changes. Walks
//! the table and the declarations, so that a new kind is covered without a word here.

use std::collections::{BTreeMap, BTreeSet};

use okta_client::Method;
use okta_sim::generate::iam::STANDARD_ROLES;
use okta_sim::permissions::{Access, Data, Evidence, TABLE, row_of};
use okta_sim::{Kind, OneRight, Tokens};
use transom_core::{Coverage, CoverageState};
use transom_engine::dataset::{Dataset, Over, Scope, Sight};
use transom_engine::entity::{catalogue, dataset, datasets};

use super::world::{World, small};
use crate::recorded::without_names;

/// The rows of the table that the calls of a data set belong to.
fn rows_of(d: &Dataset) -> BTreeSet<String> {
    data_of(d).into_iter().map(|data| format!("{data:?}")).collect()
}

fn data_of(d: &Dataset) -> Vec<Data> {
    let routes: BTreeMap<String, Option<Data>> =
        okta_sim::routes().into_iter().map(|(name, data)| (without_names(name), data)).collect();
    let listings = (d.parts)(&Scope::any());
    let data = listings.iter().map(|listing| {
        let name = without_names(&format!("GET {}", listing.route));
        let found = routes.get(&name).unwrap_or_else(|| panic!("{}: the simulator has no {name}", d.name));
        found.unwrap_or_else(|| panic!("{name} needs no right"))
    });
    data.collect()
}

/// What the copy is to say of every data set, by the table and the owner's roles as they are now.
struct Expected<'w> {
    world: &'w World,
    owner: String,
    states: BTreeMap<&'static str, CoverageState>,
}

impl<'w> Expected<'w> {
    fn of(world: &'w World, owner: &str) -> Self {
        let mut all = Self { world, owner: owner.to_owned(), states: BTreeMap::new() };
        for d in datasets() {
            all.state(d);
        }
        all
    }

    fn may(&self, data: Data) -> Access {
        self.world.sim.org.may(&self.owner, data).expect("an owner")
    }

    fn state(&mut self, d: &'static Dataset) -> CoverageState {
        use CoverageState::{Complete, NeverCollected, NotLicensed, NotPermitted, PartialByRight};
        if let Some(known) = self.states.get(d.name) {
            return *known;
        }
        // What the engine goes by: the roles, where they can be read, or else whether the org's settings can be.
        let readable = self.may(Data::UserRoles) == Access::All;
        let roles: BTreeSet<String> = (self.world.sim.org.rights_of(&self.owner).into_iter())
            .filter_map(|right| if let OneRight::StandardRole(kind) = right { Some(kind) } else { None })
            .collect();
        let whole_org = match readable {
            true => ["SUPER_ADMIN", "ORG_ADMIN", "READ_ONLY_ADMIN"].iter().any(|r| roles.contains(*r)),
            false => self.may(Data::Org) == Access::All,
        };
        let sight = match d.sight {
            Sight::All => Complete,
            Sight::Own if readable && roles.contains("SUPER_ADMIN") => Complete,
            Sight::Administered if whole_org => Complete,
            Sight::Own | Sight::Administered => PartialByRight,
        };
        let bases: Vec<CoverageState> = match d.over {
            Over::Org => Vec::new(),
            Over::Each(_) => {
                d.after.iter().map(|base| self.state(dataset(base).expect("declared"))).collect()
            }
        };
        let unread = bases.iter().find(|s| matches!(s, NotPermitted | NotLicensed | NeverCollected));
        let accesses: Vec<Access> = data_of(d).into_iter().map(|data| self.may(data)).collect();
        let state = if d.opt_in.is_some() {
            NeverCollected
        } else if let Some(unread) = unread {
            *unread
        } else if accesses.contains(&Access::Unlicensed) {
            NotLicensed
        } else if accesses.contains(&Access::Denied) {
            NotPermitted
        } else if accesses.iter().any(|a| *a != Access::All) {
            // Never more than a part, whatever was inferred from the roles.
            PartialByRight
        } else {
            bases.into_iter().find(|s| *s != Complete).unwrap_or(sight)
        };
        self.states.insert(d.name, state);
        state
    }
}

type Edges = BTreeSet<Vec<String>>;

/// Everything that is held: objects by kind with their parents, and edges.
async fn held(world: &World) -> (BTreeMap<&'static str, BTreeSet<(String, String)>>, Edges) {
    let mut objects = BTreeMap::new();
    for kind in &catalogue().kinds {
        objects.insert(kind.name, world.held(kind.name).await);
    }
    let edges = world.rows(
        "SELECT r.name, s.okta_id, d.okta_id FROM edge e JOIN relation r ON r.code = e.rel \
         JOIN entity s ON s.org = e.org AND s.id = e.src JOIN entity d ON d.org = e.org AND d.id = e.dst",
    );
    (objects, edges.await.into_iter().collect())
}

async fn coverage(world: &World) -> BTreeMap<String, Coverage> {
    let all = world.engine.store.coverage(world.org.id).await.expect("readable");
    all.into_iter().map(|c| (c.dataset.clone(), c)).collect()
}

/// Whether what went is what was taken: the permission, the resource, or the assignment itself.
fn was_taken(right: &OneRight, kind: &str, parent: &str, id: &str, owner: &str) -> bool {
    match right {
        OneRight::StandardRole(_) | OneRight::CustomRole(_) => kind == "role_assignment" && parent == owner,
        OneRight::Permission(role, permission) => {
            (kind, parent, id) == ("role_permission", role.as_str(), permission.as_str())
        }
        OneRight::Resource(set, resource) => {
            (kind, parent, id) == ("resource", set.as_str(), resource.as_str())
        }
    }
}

/// Takes every single right of the owner of the connection's token in turn; says how many, and which rows of the table
/// the changes of state rest on.
async fn one_right_less(world: &World, owner: &str) -> (usize, BTreeSet<String>) {
    world.sync().await;
    let (full, before) = (world.sim.org.administration(), coverage(world).await);
    for (name, state) in Expected::of(world, owner).states {
        assert_eq!(before[name].state, state, "{name} with all rights: {}", before[name].reason);
    }
    let (objects, edges) = held(world).await;
    let rights = world.sim.org.rights_of(owner);
    let mut rows = BTreeSet::new();
    for right in &rights {
        world.sim.org.set_administration(&full).expect("given back");
        world.sim.org.take_right(owner, right).expect("taken");
        let nothing_left = world
            .sim
            .org
            .rights_of(owner)
            .iter()
            .all(|left| !matches!(left, OneRight::StandardRole(_) | OneRight::CustomRole(_)));
        let outcome = world.try_sync().await;
        let (objects_now, edges_now) = held(world).await;
        let mut went = BTreeSet::new();
        for (kind, ids) in &objects {
            for (parent, id) in ids.difference(&objects_now[kind]) {
                went.insert(id);
                assert!(
                    was_taken(right, kind, parent, id, owner),
                    "{right:?} less, and {kind} {parent}/{id} was swept away"
                );
            }
        }
        let swept: Vec<_> = edges
            .difference(&edges_now)
            .filter(|edge| !went.contains(&edge[1]) && !went.contains(&edge[2]))
            .collect();
        assert!(swept.is_empty(), "{right:?} less, and edges were swept away: {swept:?}");
        if nothing_left {
            outcome.expect_err("an owner without roles sees nothing");
            assert_eq!((&objects_now, &edges_now), (&objects, &edges), "{right:?} less");
            continue;
        }
        outcome.unwrap_or_else(|problem| panic!("{right:?} less: {problem}"));
        let now = coverage(world).await;
        for (name, state) in Expected::of(world, owner).states {
            let (was, is) = (&before[name], &now[name]);
            assert_eq!(is.state, state, "{right:?} less: {name}: {}", is.reason);
            if was.state == is.state {
                let fewer = u64::from(["role_permission", "resource", "user_role"].contains(&name));
                assert!(was.objects - is.objects <= fewer, "{right:?} less: {name}: {was:?} became {is:?}");
            } else {
                assert_eq!(was.objects, is.objects, "{right:?} less: {name}");
                assert!(!is.reason.is_empty(), "{right:?} less: {name} does not say why");
                rows.extend(rows_of(dataset(name).expect("declared")));
            }
        }
        println!("{right:?}: {:?}", changed(&before, &now));
        // What was taken and seen to be gone has to come back before the next is taken: that one may hide it.
        if objects_now != objects {
            world.sim.org.set_administration(&full).expect("given back");
            world.sync().await;
        }
    }
    world.sim.org.set_administration(&full).expect("given back");
    world.sync().await;
    let (objects_again, edges_again) = held(world).await;
    assert_eq!((&objects_again, &edges_again), (&objects, &edges), "all rights again, and all as it was");
    let again = coverage(world).await;
    assert_eq!(changed(&before, &again), BTreeMap::new());
    (rights.len(), rows)
}

fn changed(
    before: &BTreeMap<String, Coverage>,
    now: &BTreeMap<String, Coverage>,
) -> BTreeMap<String, CoverageState> {
    let differ = now.iter().filter(|(name, c)| before[*name].state != c.state);
    differ.map(|(name, c)| (name.clone(), c.state)).collect()
}

async fn world(token: fn(&Tokens) -> &String) -> (World, String) {
    let world = World::of(small(), token).await;
    let owner = world.sim.org.owner_of(token(&world.sim.tokens)).expect("an owner");
    (world, owner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_right_less_than_the_set_up_gives() {
    let (world, owner) = world(|tokens| &tokens.read_only_custom).await;
    let (taken, rows) = one_right_less(&world, &owner).await;
    assert_eq!(taken, 6, "two roles, two permissions, two resources");
    assert!(rows.contains("UserRoles") && rows.contains("Users"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_super_admin_and_an_org_admin_less_their_role() {
    let tokens: [fn(&Tokens) -> &String; 2] = [|tokens| &tokens.super_admin, |tokens| &tokens.org_admin];
    for token in tokens {
        let (world, owner) = world(token).await;
        let (taken, _) = one_right_less(&world, &owner).await;
        assert!(taken >= 1, "one role at least was taken");
    }
}

async fn groups_lose_their_roles(world: &World) {
    let truth = world.sim.org.truth(&world.sim.origin);
    let groups: BTreeSet<String> = truth.list(Kind::Group).into_iter().map(|group| group.id).collect();
    let of_groups = truth.list(Kind::RoleAssignment).into_iter().filter(|role| groups.contains(&role.parent));
    let paths: Vec<String> =
        of_groups.map(|role| format!("/api/v1/groups/{}/roles/{}", role.parent, role.id)).collect();
    assert!(!paths.is_empty(), "no group had a role");
    for path in paths {
        world.admin(Method::DELETE, &path, None).await;
    }
}

/// Each role by itself, in an org where no group holds one: what may not be read is not permitted, not an empty set.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_standard_role_alone() {
    for (kind, _) in STANDARD_ROLES {
        let (world, owner) = world(|tokens| &tokens.read_only_custom).await;
        world.sim.org.only_standard(&owner, kind).expect("given");
        groups_lose_their_roles(&world).await;
        let Ok(_) = world.try_sync().await else {
            assert_eq!(world.sim.org.may(&owner, Data::Users), Some(Access::Denied), "{kind}");
            continue;
        };
        let held = coverage(&world).await;
        for (name, state) in Expected::of(&world, &owner).states {
            assert_eq!(held[name].state, state, "{kind}: {name}: {}", held[name].reason);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_permission_less_than_a_custom_role_with_all_that_read() {
    let (world, owner) = world(|tokens| &tokens.read_only_custom).await;
    let reading: BTreeSet<&str> =
        TABLE.iter().flat_map(|row| row.permissions).copied().filter(|p| p.ends_with(".read")).collect();
    let reading: Vec<&str> = reading.into_iter().collect();
    world.sim.org.only_custom(&owner, &reading).expect("given");
    let (taken, rows) = one_right_less(&world, &owner).await;
    assert_eq!(taken, reading.len() + 6 + 1);
    // Each row that a custom role opens, and that some data set reads, was seen to close. What shows everybody their own
    // is partial by right before and after, and what is listed over something that takes more than reading was never open.
    let states = Expected::of(&world, &owner).states;
    let open = |d: &&Dataset| d.after.iter().all(|base| states[base] != CoverageState::NotPermitted);
    let read = datasets().filter(|d| d.sight != Sight::Own && d.opt_in.is_none()).filter(open);
    let read: BTreeSet<String> = read.flat_map(rows_of).collect();
    for row in TABLE.iter().filter(|row| row.permissions.iter().any(|p| p.ends_with(".read"))) {
        let name = format!("{:?}", row.data);
        assert!(rows.contains(&name) || !read.contains(&name), "{name} never closed: {rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rests_on_inference_says_so() {
    let (world, _) = world(|tokens| &tokens.read_only_custom).await;
    world.sync().await;
    let coverage = coverage(&world).await;
    let inferred: Vec<&str> = (datasets().filter(|d| d.opt_in.is_none()))
        .filter(|d| data_of(d).into_iter().any(|data| row_of(data).evidence == Evidence::Inf))
        .map(|d| d.name)
        .collect();
    println!("{inferred:?}");
    assert!(inferred.contains(&"network_zone") && inferred.contains(&"feature"), "{inferred:?}");
    let silent: Vec<&&str> = inferred.iter().filter(|name| coverage[**name].assumed.is_empty()).collect();
    assert!(silent.is_empty(), "rest on inference and don't say so: {silent:?}");
}
